#include "sandbox/transport/operation.hpp"

#include "platform/http/extract.hpp"

namespace balcao::sandbox {
namespace {

/// The ids of `path` if it fits.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::vector<std::string_view> const& path) {
  auto const wanted = segments_of(pattern);
  if (wanted.size() != path.size()) return std::nullopt;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      auto id = http::percent_decode(path[i], false);
      if (!id || id->empty() || id->find('\0') != id->npos) return std::nullopt;
      ids.push_back(std::move(*id));
    } else if (wanted[i] != path[i]) {
      return std::nullopt;
    }
  }
  return ids;
}

}  // namespace

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(path.front() == '/' ? 1 : 0);
    auto const slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    path = slash == path.npos ? std::string_view{} : path.substr(slash);
  }
  return segments;
}

std::optional<Match> find_operation(Operations const& operations, http::Method method, std::string_view path) {
  auto const segments = segments_of(path);
  for (auto const& operation : operations) {
    if (operation.method != method) continue;
    if (auto ids = match(operation.path, segments)) return Match{&operation, std::move(*ids)};
  }
  return std::nullopt;
}

json::Object previous_attributes(json::Object const& before, json::Object const& after) {
  json::Object previous;
  for (auto const& member : after) {
    auto const* old = before.if_contains(member.key());
    if (!old) {
      previous[member.key()] = nullptr;
    } else if (*old != member.value()) {
      previous[member.key()] = *old;
    }
  }
  return previous;
}

}  // namespace balcao::sandbox

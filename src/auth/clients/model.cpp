#include "auth/clients/model.hpp"

#include <algorithm>

#include "access/scopes.hpp"

namespace balcao::auth {
namespace {

namespace scopes = access::scopes;

std::string join_names(std::vector<std::string> names) {
  std::ranges::sort(names);
  auto const repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  std::string scope;
  for (auto const& name : names) scope += (scope.empty() ? "" : " ") + name;
  return scope;
}

}  // namespace

std::expected<Scope, Text> Scope::parse(std::string_view text) {
  if (std::ranges::find(scopes::all, text) != scopes::all.end()) return Scope(std::string(text));
  std::string known;
  for (auto const name : scopes::all) known += (known.empty() ? "`" : ", `") + std::string(name) + '`';
  return std::unexpected(Text{"The scopes are " + known + '.', "Os escopos são " + known + '.'});
}

json::Value Scope::schema() {
  json::Array names;
  for (auto const name : scopes::all) names.emplace_back(name);
  return {{"type", "string"}, {"enum", std::move(names)}};
}

std::string join(std::vector<Scope> const& scopes) {
  std::vector<std::string> names;
  for (auto const& scope : scopes) names.push_back(scope.str());
  return join_names(std::move(names));
}

std::vector<std::string> split_scope(std::string_view scope) {
  std::vector<std::string> names;
  while (!scope.empty()) {
    auto const space = scope.find(' ');
    names.emplace_back(scope.substr(0, space));
    if (space == scope.npos) break;
    scope.remove_prefix(space + 1);
    if (scope.empty()) names.emplace_back();
  }
  return names;
}

std::optional<std::string> narrow(std::string_view granted, std::string_view wanted) {
  auto names = split_scope(wanted);
  bool const all_granted =
      std::ranges::all_of(names, [granted](auto const& name) { return scopes::contains(granted, name); });
  return all_granted ? std::optional(join_names(std::move(names))) : std::nullopt;
}

}  // namespace balcao::auth

#include "app/settings_reader.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace balcao::app {

std::string_view trim(std::string_view text) {
  auto const is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::string> SettingsReader::text(std::string const& name) const {
  auto value = environment_(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

std::optional<std::string> SettingsReader::secret(std::string const& name) {
  auto value = text(name);
  auto const file = text(name + "_FILE");
  if (value && file) fault(name, "set either this or " + name + "_FILE, not both");
  if (value || !file) return value;
  std::ifstream input(*file, std::ios::binary);
  std::ostringstream content;
  if (!input || !(content << input.rdbuf())) {
    fault(name + "_FILE", "cannot read '" + *file + "'");
    return std::nullopt;
  }
  auto secret = content.str();
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  return secret;
}

std::vector<std::string> SettingsReader::secrets(std::string const& name) {
  constexpr std::size_t safe_bytes = 32;
  std::vector<std::string> all;
  auto const value = secret(name);
  for (std::size_t begin = 0; value && begin <= value->size();) {
    auto const end = std::min(value->find(',', begin), value->size());
    all.emplace_back(trim(std::string_view(*value).substr(begin, end - begin)));
    begin = end + 1;
    if (all.back().size() >= safe_bytes) continue;
    fault(name, "secret " + std::to_string(all.size()) + " of it has " + std::to_string(all.back().size()) +
                    " bytes and needs at least 32 (make one: openssl rand -hex 32)");
  }
  return all;
}

void SettingsReader::duration(std::string const& name, std::chrono::seconds& target, std::int64_t min,
                              std::int64_t max) {
  auto count = target.count();
  integer(name, count, min, max);
  target = std::chrono::seconds(count);
}

void SettingsReader::seconds(std::string const& name, std::chrono::milliseconds& target) {
  auto const value = text(name);
  if (!value) return;
  double number = 0;
  auto const [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc{} || end != value->data() + value->size() || !(number >= 0.001) || number > 86'400) {
    fault(name, "'" + *value + "' is not a number of seconds from 0.001 to 86400");
  } else {
    target = std::chrono::milliseconds(static_cast<std::int64_t>(number * 1000));
  }
}

}  // namespace balcao::app

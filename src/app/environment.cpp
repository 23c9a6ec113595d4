#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include "app/config.hpp"
#include "app/settings_reader.hpp"

namespace balcao::app {
namespace {

bool is_variable_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// The value of `NAME=value # comment`; quotes keep a `#`.
std::string unquote(std::string_view value) {
  if (value.starts_with('"') || value.starts_with('\'')) {
    auto const end = value.find(value.front(), 1);
    auto const rest = end == value.npos ? value : trim(value.substr(end + 1));
    if (rest.empty() || rest.starts_with('#')) return std::string(value.substr(1, end - 1));
  }
  return std::string(trim(value.substr(0, value.find(" #"))));
}

std::map<std::string, std::string> parse_dot_env(std::istream& input, std::string const& file) {
  std::map<std::string, std::string> values;
  std::vector<std::string> faults;
  std::string line;
  for (int number = 1; std::getline(input, line); ++number) {
    auto text = trim(line);
    if (text.empty() || text.front() == '#') continue;
    if (text.starts_with("export ")) text = trim(text.substr(7));
    auto const equals = text.find('=');
    auto const name = trim(text.substr(0, equals));
    if (equals == text.npos || !is_variable_name(name)) {
      faults.push_back(file + " line " + std::to_string(number) + ": not NAME=VALUE");
      continue;
    }
    values[std::string(name)] = unquote(trim(text.substr(equals + 1)));
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return values;
}

}  // namespace

Environment read_environment(std::filesystem::path const& dot_env) {
  std::map<std::string, std::string> file_values;
  if (std::ifstream input(dot_env); input) file_values = parse_dot_env(input, dot_env.string());
  return [values = std::move(file_values)](std::string const& name) -> std::optional<std::string> {
    if (auto const* value = std::getenv(name.c_str())) return value;
    auto const found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace balcao::app

#include "platform/csv/cell.hpp"

namespace balcao::csv {
namespace {

/// Whether, after any apostrophes, it begins as a formula does.
bool looks_like_formula(std::string_view text) {
  auto const first = text.find_first_not_of('\'');
  return first != text.npos && std::string_view("=+-@\t\r\n").contains(text[first]);
}

}  // namespace

void append_cell(std::string_view text, std::string& out) {
  bool const is_risky = looks_like_formula(text);
  if (!is_risky && text.find_first_of(",;\"\r\n") == text.npos) {
    out += text;
    return;
  }
  out += is_risky ? "\"'" : "\"";
  for (char const c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string_view plain_text(std::string_view cell) {
  bool const is_escaped = cell.starts_with('\'') && looks_like_formula(cell);
  return is_escaped ? cell.substr(1) : cell;
}

}  // namespace balcao::csv

#pragma once

#include <string_view>

namespace balcao::http {

/// Whether it may stand in a token, such as a field's name (RFC 9110 §5.6.2).
constexpr bool is_token_character(char c) {
  bool const alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

/// Whether it may stand in a field's value (RFC 9110 §5.5) or in a chunk extension: no control character but a tab.
constexpr bool is_text_character(char c) {
  auto const byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Without the blanks around it.
constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace balcao::http

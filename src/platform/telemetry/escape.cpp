#include "platform/telemetry/escape.hpp"

#include <algorithm>
#include <cstdint>

namespace balcao::log {
namespace {

constexpr char32_t invalid = 0xffffffff;

struct Decoded {
  char32_t character;
  std::size_t length;  ///< in bytes; 1 for a byte that belongs to no character
};

/// Decodes the first character of `text`, which is not empty, as strictly as RFC 3629: no overlong forms, no
/// surrogates.
Decoded decode_first(std::string_view text) {
  auto const lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  std::size_t const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {invalid, 1};
  char32_t character = lead & (0x7f >> length);
  for (std::size_t i = 1; i < length; ++i) {
    auto const byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {invalid, 1};
    character = character << 6 | (byte & 0x3f);
  }
  bool const overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  bool const surrogate = character >= 0xd800 && character <= 0xdfff;
  if (overlong || surrogate || character > 0x10ffff) return {invalid, 1};
  return {character, length};
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f); }

bool disguises_a_line(char32_t c) {
  return c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void append_code(std::string& out, char32_t c) {
  static constexpr char digits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[c >> shift & 15];
}

bool is_plain(char c) {
  auto const byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    auto const plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;

    auto const [character, length] = decode_first(text);
    switch (character) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case invalid:
        out += "\\ufffd";
        break;
      default:
        if (is_control(character) || disguises_a_line(character)) {
          append_code(out, character);
        } else {
          out += text.substr(0, length);
        }
    }
    text.remove_prefix(length);
  }
}

bool needs_quotes(std::string_view text) {
  return text.empty() || !std::ranges::all_of(text, [](char c) { return is_plain(c) && c != ' ' && c != '='; });
}

}  // namespace balcao::log

// Bytes as text: hexadecimal, base32 and the two base64 alphabets (RFC 4648).
#include <array>
#include <cstdint>

#include "platform/crypto/hash.hpp"

namespace balcao::crypto {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base32_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view plain_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each character, -1 for those that stand for none.
using Values = std::array<std::int8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
  Values values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr Values hex_values_in_both_cases() {
  Values values = values_of(hex_digits);
  for (char c = 'A'; c <= 'F'; ++c) values[static_cast<unsigned char>(c)] = static_cast<std::int8_t>(c - 'A' + 10);
  return values;
}

constexpr Values hex_values = hex_values_in_both_cases();
constexpr Values base32_values = values_of(base32_alphabet);
constexpr Values url_values = values_of(url_alphabet);
constexpr Values plain_values = values_of(plain_alphabet);

/// Six bits a character, without padding. Three bytes at a time, written into place: every token passes here.
std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string text((bytes.size() * 4 + 2) / 3, '\0');
  char* out = text.data();
  auto const byte = [bytes](std::size_t i) -> std::uint32_t {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    std::uint32_t const bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (int shift = 18; shift >= 0; shift -= 6) *out++ = alphabet[bits >> shift & 63];
  }
  std::uint32_t const rest = byte(i) << 16 | byte(i + 1) << 8;
  for (int shift = 18; out != text.data() + text.size(); shift -= 6) *out++ = alphabet[rest >> shift & 63];
  return text;
}

/// Reads characters of `width` bits, without padding; refuses a last one that adds no byte, and non-zero spare bits.
template <int width>
std::optional<std::string> decode(std::string_view text, Values const& values) {
  if (text.size() * width % 8 >= width) return std::nullopt;
  std::string bytes(text.size() * width / 8, '\0');
  char* out = bytes.data();
  std::uint32_t bits = 0;
  int count = 0;
  for (char const c : text) {
    int const value = values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << width | static_cast<std::uint32_t>(value);
    count += width;
    if (count >= 8) *out++ = static_cast<char>(bits >> (count -= 8) & 255);
  }
  bool const spare_bits_are_zero = (bits & ((1U << count) - 1)) == 0;
  return spare_bits_are_zero ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    int const high = hex_values[static_cast<unsigned char>(text[i])];
    int const low = hex_values[static_cast<unsigned char>(text[i + 1])];
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string to_base32(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  int count = 0;
  for (char const c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 5;) text += base32_alphabet[bits >> (count -= 5) & 31];
  }
  if (count > 0) text += base32_alphabet[bits << (5 - count) & 31];
  return text;
}

std::optional<std::string> from_base32(std::string_view text) { return decode<5>(text, base32_values); }

std::string to_base64url(std::string_view bytes) { return encode(bytes, url_alphabet); }

std::optional<std::string> from_base64url(std::string_view text) { return decode<6>(text, url_values); }

std::string to_base64(std::string_view bytes) {
  std::string text = encode(bytes, plain_alphabet);
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  return decode<6>(text, plain_values);
}

}  // namespace balcao::crypto

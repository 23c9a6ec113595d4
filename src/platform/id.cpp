#include "platform/id.hpp"

#include "platform/crypto/random.hpp"

namespace balcao {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_dash(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

Uuid Uuid::make(Time now) {
  thread_local std::uint64_t last_millis = 0;
  thread_local std::uint16_t counter = 0;

  Uuid id;
  crypto::fill_random(id.bytes);

  auto millis =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
  if (millis > last_millis) {
    last_millis = millis;
    counter = id.bytes[6] & 0x07;  // a small random start leaves the rest of the 12 bits to count in
    counter = static_cast<std::uint16_t>(counter << 8 | id.bytes[7]);
  } else if (++counter > 0x0fff) {
    ++last_millis;
    counter = 0;
  }
  millis = last_millis;

  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | counter >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(counter);
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    int const digit = hex_digit(text[i]);
    if (digit < 0) return std::nullopt;
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | digit);
    ++nibble;
  }
  return id;
}

std::string Uuid::str() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t position = 0;
  for (auto const byte : bytes) {
    if (is_dash(position)) ++position;
    text[position++] = digits[byte >> 4];
    text[position++] = digits[byte & 15];
  }
  return text;
}

}  // namespace balcao

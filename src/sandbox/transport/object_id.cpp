#include "sandbox/transport/object_id.hpp"

#include <cstdint>

#include "platform/crypto/random.hpp"

namespace balcao::sandbox {

std::string new_object_id(std::string_view prefix) {
  static constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return std::string(prefix) + random_text(14, alphabet);
}

std::string random_text(std::size_t count, std::string_view alphabet) {
  std::string text;
  text.reserve(count);
  std::size_t const fair = 256 / alphabet.size() * alphabet.size();  // what lies above would favour the first letters
  while (text.size() < count) {
    for (char const byte : crypto::random_bytes(count)) {
      auto const dice = static_cast<std::uint8_t>(byte);
      if (dice < fair && text.size() < count) text += alphabet[dice % alphabet.size()];
    }
  }
  return text;
}

}  // namespace balcao::sandbox

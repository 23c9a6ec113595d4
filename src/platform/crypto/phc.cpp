#include "platform/crypto/phc.hpp"

#include <algorithm>
#include <charconv>

#include "platform/crypto/hash.hpp"

namespace balcao::crypto::phc {

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

std::string_view take_until(std::string_view& text, char end) {
  auto const part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

bool take_number(std::string_view& text, std::uint32_t highest, std::uint32_t& number) {
  if (text.starts_with('0')) return false;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || number > highest) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::string to_unpadded_base64(std::string_view bytes) {
  std::string text = to_base64(bytes);
  text.resize(std::min(text.size(), text.find('=')));
  return text;
}

std::optional<std::string> from_unpadded_base64(std::string_view text) {
  if (text.ends_with('=')) return std::nullopt;
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  return from_base64(padded);
}

}  // namespace balcao::crypto::phc

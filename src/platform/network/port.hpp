#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace balcao::network {

/// A TCP port that can be connected to, 1–65535, in decimal; nothing for any other text.
inline std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace balcao::network

#include "platform/http/trusted_proxies.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <ranges>

namespace balcao::http {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr Bytes v4_in_v6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int v4_start = 96;  ///< bits before the IPv4 address

bool is_v4(Bytes const& address) { return std::equal(v4_in_v6.begin(), v4_in_v6.begin() + 12, address.begin()); }

std::optional<Bytes> parse_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> name{};
  if (text.size() >= name.size()) return std::nullopt;
  std::ranges::copy(text, name.begin());
  Bytes address = v4_in_v6;
  bool const is_address = inet_pton(AF_INET, name.data(), address.data() + 12) == 1 ||
                          inet_pton(AF_INET6, name.data(), address.data()) == 1;
  return is_address ? std::optional(address) : std::nullopt;
}

std::string to_string(Bytes const& address) {
  std::array<char, INET6_ADDRSTRLEN> name{};
  bool const v4 = is_v4(address);
  inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? 12 : 0), name.data(), name.size());
  return name.data();
}

Bytes keep_bits(Bytes address, int bits) {
  for (int i = 0; i < 16; ++i) {
    int const kept = std::clamp(bits - 8 * i, 0, 8);
    address[i] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
  return address;
}

std::string_view trim(std::string_view text) {
  auto const start = text.find_first_not_of(" \t");
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// One entry of X-Forwarded-For: an address, with a port as some proxies add it, IPv6 in brackets then.
std::optional<Bytes> parse_forwarded(std::string_view text) {
  if (text.starts_with('[')) {
    auto const end = text.find(']');
    if (end == text.npos) return std::nullopt;
    auto const port = text.substr(end + 1);
    if (!port.empty() && !(port.starts_with(':') && is_port(port.substr(1)))) return std::nullopt;
    return parse_address(text.substr(1, end - 1));
  }
  auto const colon = text.find(':');
  bool const has_port = colon != text.npos && colon == text.rfind(':');
  if (has_port && !is_port(text.substr(colon + 1))) return std::nullopt;
  return parse_address(has_port ? text.substr(0, colon) : text);
}

}  // namespace

std::expected<TrustedProxies, std::string> TrustedProxies::parse(std::string_view list) {
  TrustedProxies proxies;
  for (auto const part : list | std::views::split(',')) {
    auto const entry = trim(std::string_view(part));
    auto const wrong = [&](std::string const& why) { return std::unexpected('\'' + std::string(entry) + "' " + why); };
    auto const slash = entry.find('/');
    auto const address = parse_address(entry.substr(0, slash));
    if (!address) return wrong("is not an address or a network, such as 10.0.0.1, 10.0.0.0/8 or fd00::/8");

    bool const dotted = entry.find(':') == entry.npos;
    int bits = 128;
    if (slash != entry.npos) {
      auto const size = entry.substr(slash + 1);
      int const most = dotted ? 32 : 128;
      auto const [end, error] = std::from_chars(size.data(), size.data() + size.size(), bits);
      if (error != std::errc{} || end != size.data() + size.size() || bits < 0 || bits > most) {
        return wrong("has a network size that is not from 0 to " + std::to_string(most));
      }
      if (dotted) bits += v4_start;
    }
    auto const prefix = keep_bits(*address, bits);
    if (prefix != *address) {
      auto const size = std::to_string(is_v4(prefix) ? bits - v4_start : bits);
      return wrong("is an address within a network; the network is " + to_string(prefix) + '/' + size);
    }
    proxies.networks_.push_back({prefix, bits});
  }
  return proxies;
}

bool TrustedProxies::contains(std::string_view address) const {
  if (networks_.empty()) return false;
  auto const bytes = parse_address(address.substr(0, address.find('%')));
  if (!bytes) return false;
  return std::ranges::any_of(networks_, [&](Network const& network) {
    // ::/0 is every IPv6 address, but no IPv4 address, though these are written as IPv6 here.
    return is_v4(*bytes) == is_v4(network.prefix) && keep_bits(*bytes, network.bits) == network.prefix;
  });
}

std::string TrustedProxies::client_of(std::string_view peer, Request const& request) const {
  std::string client(peer);
  for (auto const& [name, value] : request.headers | std::views::reverse) {
    if (!equal_ignoring_case(name, "X-Forwarded-For")) continue;
    for (auto rest = value; !rest.empty();) {
      auto const comma = rest.rfind(',');
      auto const entry = trim(comma == rest.npos ? rest : rest.substr(comma + 1));
      rest = rest.substr(0, comma == rest.npos ? 0 : comma);
      if (entry.empty()) continue;  // an empty element of a list means nothing (RFC 9110 §5.6.1)
      if (!contains(client)) return client;
      auto const address = parse_forwarded(entry);
      if (!address) return client;
      client = to_string(*address);
    }
  }
  return client;
}

}  // namespace balcao::http

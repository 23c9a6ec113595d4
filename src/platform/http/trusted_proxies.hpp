#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/message.hpp"

namespace balcao::http {

/// The proxies whose word about their clients' addresses is taken. The word is `X-Forwarded-For` alone: `Forwarded`
/// (RFC 7239) is not read, since a proxy that does not know it passes on whatever the client wrote there.
class TrustedProxies {
 public:
  /// None: every client is who its connection says.
  TrustedProxies() = default;

  /// Reads addresses and networks in CIDR notation, IPv4 and IPv6, separated by commas: `10.0.0.0/8, ::1`. The error
  /// names the entry and says what is wrong with it.
  static std::expected<TrustedProxies, std::string> parse(std::string_view list);

  /// Whether an address is a proxy's. An IPv4 address in IPv6 form (`::ffff:10.0.0.1`) counts as IPv4.
  bool contains(std::string_view address) const;

  /// The address of the client that `request` came from, through the connection of `peer`. If that is a trusted proxy,
  /// the addresses of X-Forwarded-For are walked from the last one, which the nearest proxy wrote, to the first that is
  /// no proxy's; what stands before that one, the client may have made up. The walk ends early at what is no address.
  std::string client_of(std::string_view peer, Request const& request) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> prefix;  ///< IPv4 in IPv6 form
    int bits;
  };

  std::vector<Network> networks_;
};

}  // namespace balcao::http

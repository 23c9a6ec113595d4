#include "platform/http/public_address.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <span>

namespace balcao::http {
namespace {

namespace ip = boost::asio::ip;

struct Network4 {
  std::uint32_t address;
  int prefix;
};

/// https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast with what lies behind it.
constexpr std::array special_networks{
    Network4{0x00000000, 8},   // this network
    Network4{0x0a000000, 8},   // private
    Network4{0x64400000, 10},  // shared by a provider's customers, RFC 6598
    Network4{0x7f000000, 8},   // loopback
    Network4{0xa9fe0000, 16},  // link-local, where clouds keep their metadata
    Network4{0xac100000, 12},  // private
    Network4{0xc0000000, 24},  // protocol assignments
    Network4{0xc0000200, 24},  // documentation
    Network4{0xc0586300, 24},  // 6to4 relays
    Network4{0xc0a80000, 16},  // private
    Network4{0xc6120000, 15},  // benchmarks
    Network4{0xc6336400, 24},  // documentation
    Network4{0xcb007100, 24},  // documentation
    Network4{0xe0000000, 3},   // multicast, reserved, broadcast
};

bool is_public(std::uint32_t address) {
  return std::ranges::none_of(special_networks, [address](Network4 const& network) {
    return (address ^ network.address) >> (32 - network.prefix) == 0;
  });
}

using Bytes6 = ip::address_v6::bytes_type;

bool is_public(Bytes6 const& bytes) {
  auto const begins_with = [&bytes](auto... expected) {
    std::array const prefix{static_cast<unsigned char>(expected)...};
    return std::ranges::equal(prefix, std::span(bytes).first(prefix.size()));
  };
  auto const last = std::uint32_t{bytes[12]} << 24 | std::uint32_t{bytes[13]} << 16 | std::uint32_t{bytes[14]} << 8 |
                    std::uint32_t{bytes[15]};
  if (begins_with(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)) return is_public(last);
  if (begins_with(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)) return is_public(last);
  if ((bytes[0] & 0xe0) != 0x20) return false;                               // global unicast is 2000::/3
  bool const is_protocols = begins_with(0x20, 0x01) && bytes[2] < 2;         // 2001::/23, Teredo among them
  bool const is_documentation = begins_with(0x20, 0x01, 0x0d, 0xb8) ||       // 2001:db8::/32
                                (begins_with(0x3f, 0xff) && bytes[2] < 16);  // 3fff::/20
  return !is_protocols && !is_documentation && !begins_with(0x20, 0x02);     // 6to4 leads to any IPv4 address
}

}  // namespace

bool is_public_address(std::string_view text) {
  boost::system::error_code fault;
  auto const address = ip::make_address(text, fault);
  if (fault) return false;
  return address.is_v4() ? is_public(address.to_v4().to_uint()) : is_public(address.to_v6().to_bytes());
}

}  // namespace balcao::http

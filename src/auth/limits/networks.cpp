#include "auth/limits/networks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "platform/crypto/hash.hpp"

namespace balcao::auth {
namespace {

struct Network {
  std::string name;
  std::int64_t weight;  ///< its limit is so many times that of an address
};

constexpr std::string_view quota_name = "address";

/// The widest first.
std::vector<Network> networks_of(std::string_view address) {
  std::string const text(address.substr(0, address.find('%')));
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return {{std::string(address), 1}};
  constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (std::string_view(bytes.data(), mapped.size()) == mapped) {  // an IPv4 address (RFC 4291 §2.5.5.2)
    std::array<char, INET_ADDRSTRLEN> dotted{};
    inet_ntop(AF_INET, bytes.data() + mapped.size(), dotted.data(), dotted.size());
    return {{dotted.data(), 1}};
  }
  auto const network = [&bytes](std::size_t size, std::int64_t weight) {
    return Network{crypto::to_hex({bytes.data(), size}) + '/' + std::to_string(size * 8), weight};
  };
  return {network(6, 16), network(7, 4), network(8, 1)};
}

}  // namespace

std::string address_group(std::string_view address) { return networks_of(address).back().name; }

std::string widest_network(std::string_view address) { return networks_of(address).front().name; }

Task<NetworkCount> count_networks(shared::SharedState& shared, std::string prefix, std::string address,
                                  std::int64_t limit, std::chrono::seconds window, Time now) {
  NetworkCount counted;
  auto const networks = networks_of(address);
  for (auto const& [name, weight] : networks) {
    counted.keys.push_back(prefix + name);
    auto const count = co_await shared.count(counted.keys.back(), 1, window);
    auto const quota = quota_of(quota_name, count, limit * weight, window, now);
    if (counted.keys.size() == 1 || quota.remaining <= counted.quota.remaining) counted.quota = quota;
    if (!quota.exceeded) continue;
    bool const own = counted.keys.size() == networks.size();
    (own ? counted.own_exceeded : counted.wider_exceeded) = true;
    auto const last = counted.keys.back();
    counted.keys.pop_back();
    for (auto const& wider : counted.keys) co_await shared.count(wider, -1, window);
    counted.keys = {last};
    break;
  }
  co_return counted;
}

}  // namespace balcao::auth

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/limits/quota.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::auth {

/// What one customer commonly has: the address itself, or its /64 network with IPv6.
std::string address_group(std::string_view address);

/// The widest network that one customer may have: the address itself, or its /48 network with IPv6.
std::string widest_network(std::string_view address);

/// What an address, and with IPv6 its /48, /56 and /64 networks, have done in a window. A /48 has 65,536 networks of
/// /64: the wider ones have limits of their own, 16 and 4 times as high.
struct NetworkCount {
  std::vector<std::string> keys;  ///< those that were raised
  Quota quota;                    ///< the one with the least left
  bool own_exceeded = false;      ///< the limit of the address or its /64
  bool wider_exceeded = false;    ///< only that of a wider network, which neighbours may have used up
};

/// Counts one under `prefix` (two words, each with a colon behind it) from the widest network on, and no further where
/// a limit is exceeded. What exceeds a limit is not counted against the wider networks.
Task<NetworkCount> count_networks(shared::SharedState& shared, std::string prefix, std::string address,
                                  std::int64_t limit, std::chrono::seconds window, Time now);

}  // namespace balcao::auth

#pragma once

#include <string>
#include <string_view>

namespace balcao::http {

/// What shares of memory are counted under: an IPv4 address, or the /64 network of an IPv6 address, which one customer
/// has. Empty for this machine's own addresses, behind which anybody may be.
std::string client_network(std::string_view address);

}  // namespace balcao::http

#pragma once

#include <string_view>

namespace balcao::http {

/// Whether an IP address, as text, is one of the public Internet's: no loopback, private, link-local, shared,
/// multicast, documentation or other address that IANA keeps for a special purpose (RFC 6890), also where an IPv6
/// address carries it (RFC 4291 §2.5.5.2, RFC 6052). False for what is no address.
bool is_public_address(std::string_view address);

}  // namespace balcao::http

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace balcao::http {

/// Where a client's base address leads.
struct Origin {
  bool tls = false;
  std::string host;  ///< a name, or an address without an IPv6 address's brackets
  std::uint16_t port = 0;
  std::string authority;  ///< for the Host field
  std::string path;       ///< before every target
};

/// Of `http://host:port` or `https://host`, an optional path behind it. Throws std::invalid_argument for anything else.
Origin parse_origin(std::string const& base_url);

/// An absolute address, in the parts that a Client takes.
struct AddressParts {
  std::string base_url;  ///< scheme, host and port
  std::string host;      ///< without an IPv6 address's brackets
  std::string target;    ///< path and query
};

/// Nothing for what is no `http` or `https` address.
std::optional<AddressParts> split_address(std::string_view url);

}  // namespace balcao::http

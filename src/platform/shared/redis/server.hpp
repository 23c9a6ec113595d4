#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "platform/network/resolver.hpp"
#include "platform/runtime/backoff.hpp"

namespace balcao::shared::redis {

/// Where Redis is, and what it wants to see. Shared by all connections, which only read it.
struct Server {
  std::string host;
  std::uint16_t port = 6379;
  std::string user = "default";
  std::string password;
  unsigned database = 0;
  /// Streams want it changeable and leave it as it is; OpenSSL lets several threads share it.
  mutable std::optional<boost::asio::ssl::context> tls;
  std::chrono::milliseconds deadline{};          ///< for an answer
  std::chrono::milliseconds connect_deadline{};  ///< for a connection that can be used

  network::Resolver* resolver = &network::resolver_for(network::Purpose::shared_state);

  /// For logs and messages.
  std::string name() const;
};

/// Between attempts to connect.
inline Backoff make_backoff() { return {std::chrono::milliseconds(10), std::chrono::milliseconds(500)}; }

/// Reads a `redis://` or `rediss://` address. Throws std::invalid_argument, without repeating the address.
Server parse_server(std::string const& url, std::string const& ca_file = {});

}  // namespace balcao::shared::redis

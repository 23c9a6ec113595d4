#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/http/message.hpp"
#include "platform/http/origin.hpp"
#include "platform/http/response_reader.hpp"
#include "platform/http/transport_error.hpp"
#include "platform/network/resolver.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::http {

struct ClientOptions {
  std::string base_url;  ///< `http://host:port` or `https://host`, an optional path before every target
  std::chrono::milliseconds deadline{10'000};      ///< for one exchange, connecting included
  std::size_t idle_connections = 8;                ///< kept open, on each event loop
  std::size_t in_flight = 256;                     ///< exchanges beyond which one is refused with 503
  std::size_t response_bytes = 8UL * 1024 * 1024;  ///< of a body; for the rest see ResponseLimits
  bool public_only = false;  ///< connects to addresses of the public Internet alone, whatever the name resolves to
  /// Resolves the server's name; must outlive the client.
  network::Resolver* resolver = &network::resolver_for(network::Purpose::services);
};

struct ClientRequest {
  Method method = Method::get;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// Speaks HTTP/1.1 to one server, over TLS with a checked certificate for `https`, on kept connections. A request that
/// can be repeated, and whose kept connection ended without a byte of an answer, is sent once more on a new connection;
/// nothing is sent after the deadline.
class Client {
 public:
  /// Throws std::invalid_argument for a base address that is none.
  explicit Client(ClientOptions options);
  ~Client();

  /// One exchange, from a coroutine on any loop. Throws TransportError, and Problem `unavailable` when too many are
  /// under way.
  Task<ClientResponse> send(ClientRequest request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace balcao::http

#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "platform/http/handler.hpp"
#include "platform/http/request_parser.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::http {

/// The address cannot be listened on; the message says why, for the operator.
class CannotListen : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Whether `host` is an address that a server can be told to listen on: an IP address, or `localhost`.
bool is_listen_address(std::string const& host);

/// Throws CannotListen where another program listens on the address. No client can connect meanwhile.
void require_free(std::string const& host, std::uint16_t port);

/// An HTTP/1.1 server on every event loop: each loop has its own listening socket (SO_REUSEPORT), and a connection
/// stays on the loop that accepted it.
class Server {
 public:
  /// Binds `host`:`port` (port 0: any free one) without accepting yet. Throws CannotListen.
  Server(Loops& loops, std::string const& host, std::uint16_t port, Limits limits);
  ~Server();

  std::uint16_t port() const;
  /// `http://127.0.0.1:8080`
  std::string address() const;

  /// Starts to accept, on every loop. `handler` must outlive the loops' run.
  void start(Handler& handler);

  /// Ends it well, from a coroutine on any loop: every answer now closes its connection, new connections are taken no
  /// more, idle ones are closed, and requests under way are finished, for at most `patience`; what is left then is cut
  /// off.
  /// Gives the number of those.
  Task<std::size_t> drain(std::chrono::milliseconds patience);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace balcao::http

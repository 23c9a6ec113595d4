#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/http/message.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::http {

struct ClientOptions {
  std::string base_url;  ///< `http://host:port` or `https://host`, an optional path before every target
  std::chrono::milliseconds deadline{10'000};  ///< for one exchange, connecting included
  std::size_t idle_connections = 8;            ///< kept open, on each event loop
  std::size_t in_flight = 256;                 ///< exchanges beyond which one is refused with 503
  std::size_t response_bytes = 8 * 1024 * 1024;
  bool public_only = false;  ///< connects to addresses of the public Internet alone, whatever the name resolves to
};

/// An absolute address, in the parts that a Client takes.
struct AddressParts {
  std::string base_url;  ///< scheme, host and port
  std::string host;      ///< without an IPv6 address's brackets
  std::string target;    ///< path and query
};

/// Nothing for what is no `http` or `https` address.
std::optional<AddressParts> split_address(std::string_view url);

struct ClientRequest {
  Method method = Method::get;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// It had been sent before, on a kept connection that ended without an answer: this one does not say whether the
  /// server acted on it then.
  bool sent_before = false;

  std::optional<std::string_view> header(std::string_view name) const;
};

/// No response came. `executed` says whether the server can have acted on the request.
class TransportError : public std::runtime_error {
 public:
  enum class Executed { no, unknown };
  TransportError(std::string const& what, Executed executed) : std::runtime_error(what), executed_(executed) {}
  Executed executed() const { return executed_; }

 private:
  Executed executed_;
};

/// Speaks HTTP/1.1 to one server, over TLS with a checked certificate for `https`, on kept connections.
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

#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "platform/http/origin.hpp"
#include "platform/http/response_reader.hpp"
#include "platform/http/transport_error.hpp"
#include "platform/network/resolver.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::http {

/// A kept connection ended before the first byte of an answer, and not by our deadline: mostly the server closed it
/// while it lay idle, but it may also have acted and died.
class StaleConnection : public TransportError {
 public:
  using TransportError::TransportError;
};

/// A client's connection to one server, plain or encrypted, on one event loop: one exchange at a time.
class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  /// `origin` and `tls` (none: plain) must outlive it.
  ClientConnection(boost::asio::any_io_executor const& executor, Origin const& origin, boost::asio::ssl::context* tls);

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }

  /// Closes the connection, and with it ends whatever waits on it, at the time given.
  void close_at(SteadyTime end);
  void close();

  /// Connects to what the host's name leads to, by the time of `close_at`; `public_only`: to what of it is public, so
  /// that no name can lead inside. Throws TransportError.
  Task<> connect(network::Resolver& resolver, bool public_only);

  /// Sends a request and reads its answer, at the same time: an answer may come early, and then ends the sending. The
  /// connection is closed afterwards unless `can_reuse`. Throws TransportError, or StaleConnection.
  Task<> exchange(std::string request, ResponseReader& reader);

  /// Whether the last exchange leaves nothing in doubt: nobody knows whose bytes would come next otherwise.
  bool can_reuse() const { return can_reuse_; }

  /// Stays open, without a deadline, until it is used again.
  void rest();
  SteadyTime idle_since() const { return idle_since_; }
  /// Whether nothing has come while it lay idle. An answer that nobody asked for, or the end, makes it useless.
  bool is_quiet();

 private:
  Task<> connect_to(network::Addresses addresses);
  void start_sending(std::string request);
  [[noreturn]] void fail(std::string const& what, std::string const& why, TransportError::Executed executed) const;

  Origin const& origin_;
  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> encrypted_;
  boost::asio::steady_timer timer_;
  SteadyTime end_ = SteadyTime::max();
  SteadyTime idle_since_;
  std::string sending_;
  bool is_sent_ = true;
  bool timed_out_ = false;
  bool used_ = false;  ///< it has carried an exchange, so the server may have closed it since
  bool can_reuse_ = false;
};

}  // namespace balcao::http

#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "platform/runtime/task.hpp"
#include "platform/shared/redis/resp.hpp"
#include "platform/shared/redis/server.hpp"

namespace balcao::shared::redis {

/// There is no connection, or no longer one. Says why, and no secret.
class LinkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One connection to Redis, plain or encrypted, on the loop that it was opened on: commands go out, replies come in.
class Link : public std::enable_shared_from_this<Link> {
 public:
  /// Connects and signs in, within the server's deadline. Throws LinkError.
  static Task<std::shared_ptr<Link>> open(std::shared_ptr<Server const> server);

  Link(boost::asio::any_io_executor const& executor, std::shared_ptr<Server const> server);

  /// Sends, together with all else that is waiting to be sent.
  void send(std::string_view commands);

  /// The next reply. One caller at a time. Throws LinkError when the connection has ended or is not RESP.
  Task<Reply> receive();

  /// Ends it, and what waits on it.
  void close();

 private:
  using tcp = boost::asio::ip::tcp;

  Task<> connect();
  Task<std::vector<tcp::endpoint>> resolve();
  Task<> sign_in();
  void notice_a_dead_peer();
  void write();
  [[noreturn]] void fail(std::string const& what, boost::system::error_code const& why = {});

  std::shared_ptr<Server const> const server_;
  tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<tcp::socket&>> encrypted_;
  bool closed_ = false;
  bool writing_ = false;
  std::string waiting_;  ///< to be sent after what is being sent
  std::string sending_;
  std::array<char, 16 * 1024> chunk_;
  ReplyParser parser_;
};

}  // namespace balcao::shared::redis

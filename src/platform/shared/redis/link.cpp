#include "platform/shared/redis/link.hpp"

#include <netinet/tcp.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "platform/network/tls.hpp"

namespace balcao::shared::redis {
namespace {

namespace asio = boost::asio;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

/// Closes the link at its time, unless it is gone before.
class ClosingTimer {
 public:
  ClosingTimer(asio::any_io_executor const& executor, std::weak_ptr<Link> link, std::chrono::milliseconds after)
      : timer_(executor, after) {
    timer_.async_wait([weak = std::move(link)](boost::system::error_code const& cancelled) {
      if (auto const living = weak.lock(); living && !cancelled) living->close();
    });
  }

 private:
  asio::steady_timer timer_;
};

}  // namespace

Task<std::shared_ptr<Link>> Link::open(std::shared_ptr<Server const> server) {
  auto const executor = co_await asio::this_coro::executor;
  auto link = std::make_shared<Link>(executor, server);
  ClosingTimer const deadline(executor, link, server->connect_deadline);
  co_await link->connect();
  co_await link->sign_in();
  co_return link;
}

Link::Link(asio::any_io_executor const& executor, std::shared_ptr<Server const> server)
    : server_(std::move(server)), socket_(executor) {
  if (server_->tls) encrypted_.emplace(socket_, *server_->tls);
}

Task<> Link::connect() {
  auto const endpoints = co_await resolve();
  if (closed_) fail("cannot resolve in time");  // the timer has rung, with nothing to close yet
  auto const [no_way, address] = co_await asio::async_connect(socket_, endpoints, awaiting);
  if (no_way) fail("cannot connect to", no_way);
  notice_a_dead_peer();
  if (!encrypted_) co_return;

  network::expect_host(*encrypted_, server_->host);
  auto const [no_trust] = co_await encrypted_->async_handshake(asio::ssl::stream_base::client, awaiting);
  if (no_trust) fail("no TLS with", no_trust);
}

Task<std::vector<Link::tcp::endpoint>> Link::resolve() {
  std::vector<tcp::endpoint> endpoints;
  try {
    auto const deadline = std::chrono::steady_clock::now() + server_->connect_deadline;
    for (auto const& address : co_await server_->resolver->resolve(server_->host, deadline)) {
      endpoints.emplace_back(address, server_->port);
    }
  } catch (network::ResolveError const& error) {
    throw LinkError("cannot resolve " + server_->name() + ": " + error.what());
  }
  co_return endpoints;
}

/// A peer that is gone without a word, behind a cut line or a forgetful NAT, is noticed by the kernel even where
/// nothing is asked for hours.
void Link::notice_a_dead_peer() {
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  auto const set = [this](int option, int seconds) {
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, option, &seconds, sizeof seconds);
  };
  set(TCP_KEEPIDLE, 15);
  set(TCP_KEEPINTVL, 5);
  set(TCP_KEEPCNT, 3);
}

Task<> Link::sign_in() {
  auto const& server = *server_;
  auto hello = server.password.empty()
                   ? command({"HELLO", "3", "SETNAME", "balcao"})
                   : command({"HELLO", "3", "AUTH", server.user, server.password, "SETNAME", "balcao"});
  if (server.database != 0) hello += command({"SELECT", std::to_string(server.database)});
  send(hello);
  for (int replies = server.database != 0 ? 2 : 1; replies > 0; --replies) {
    auto const reply = co_await receive();
    // Only the code: a server that does not know HELLO repeats it, with the password.
    if (reply.is_error()) fail("refused (" + std::string(reply.error_code()) + ") by");
  }
}

void Link::send(std::string_view commands) {
  waiting_ += commands;
  if (!writing_ && !closed_ && !waiting_.empty()) write();
}

void Link::write() {
  writing_ = true;
  sending_.clear();
  std::swap(sending_, waiting_);
  auto done = [self = shared_from_this()](boost::system::error_code const& fault, std::size_t) {
    self->writing_ = false;
    if (fault) return self->close();  // whoever receives learns of it
    if (!self->waiting_.empty() && !self->closed_) self->write();
  };
  if (encrypted_) {
    asio::async_write(*encrypted_, asio::buffer(sending_), std::move(done));
  } else {
    asio::async_write(socket_, asio::buffer(sending_), std::move(done));
  }
}

Task<Reply> Link::receive() {
  for (;;) {
    try {
      if (auto reply = parser_.next()) co_return std::move(*reply);
    } catch (ProtocolError const& error) {
      fail("cannot understand (" + std::string(error.what()) + ")");
    }
    if (closed_) fail("no answer in time from");
    auto const [fault, size] = encrypted_ ? co_await encrypted_->async_read_some(asio::buffer(chunk_), awaiting)
                                          : co_await socket_.async_read_some(asio::buffer(chunk_), awaiting);
    if (fault) fail(closed_ ? "no answer in time from" : "lost", closed_ ? boost::system::error_code{} : fault);
    parser_.feed({chunk_.data(), size});
  }
}

void Link::close() {
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Link::fail(std::string const& what, boost::system::error_code const& why) {
  bool const by_deadline = closed_;
  close();
  auto text = what + " " + server_->name();
  if (by_deadline && why) {
    text += ": no answer in time";
  } else if (why) {
    text += ": " + why.message();
  }
  throw LinkError(text);
}

}  // namespace balcao::shared::redis

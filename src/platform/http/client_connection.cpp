#include "platform/http/client_connection.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "platform/http/public_address.hpp"
#include "platform/network/tls.hpp"

namespace balcao::http {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Executed = TransportError::Executed;

namespace {

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

}  // namespace

ClientConnection::ClientConnection(asio::any_io_executor const& executor, Origin const& origin, asio::ssl::context* tls)
    : origin_(origin), socket_(executor), timer_(executor) {
  if (tls != nullptr) encrypted_.emplace(socket_, *tls);
}

void ClientConnection::close_at(SteadyTime end) {
  end_ = end;
  timer_.expires_at(end);
  // A timer that has rung can no longer be cancelled, so this may be called after the end was moved.
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code const& cancelled) {
    auto const living = weak.lock();
    if (cancelled || !living || std::chrono::steady_clock::now() < living->end_) return;
    living->timed_out_ = true;
    living->close();
  });
}

void ClientConnection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void ClientConnection::rest() {
  end_ = SteadyTime::max();
  timer_.cancel();
  idle_since_ = std::chrono::steady_clock::now();
}

bool ClientConnection::is_quiet() {
  char byte = 0;
  if (encrypted_) {
    bool const has_more = SSL_peek(encrypted_->native_handle(), &byte, 1) > 0;
    ERR_clear_error();
    if (has_more) return false;
  }
  boost::system::error_code fault;
  socket_.non_blocking(true, fault);
  socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, fault);
  return fault == asio::error::would_block;
}

Task<> ClientConnection::connect(network::Resolver& resolver, bool public_only) {
  network::Addresses addresses;
  try {
    addresses = co_await resolver.resolve(origin_.host, end_);
  } catch (network::ResolveError const& error) {
    throw TransportError("cannot resolve " + origin_.host + ": " + error.what(), Executed::no);
  }
  if (public_only) {
    std::erase_if(addresses, [](auto const& address) { return !is_public_address(address.to_string()); });
    if (addresses.empty()) throw TransportError(origin_.host + " is not a public address", Executed::no);
  }
  co_await connect_to(std::move(addresses));
}

Task<> ClientConnection::connect_to(network::Addresses addresses) {
  std::vector<tcp::endpoint> endpoints;
  for (auto const& address : addresses) endpoints.emplace_back(address, origin_.port);
  if (timed_out_) fail("cannot connect to", {}, Executed::no);  // the timer has rung, with nothing to close yet
  auto const [no_way, endpoint] = co_await asio::async_connect(socket_, endpoints, awaiting);
  if (no_way || timed_out_) fail("cannot connect to", no_way.message(), Executed::no);
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  if (!encrypted_) co_return;

  network::expect_host(*encrypted_, origin_.host);
  auto const [no_trust] = co_await encrypted_->async_handshake(asio::ssl::stream_base::client, awaiting);
  if (no_trust || timed_out_) fail("no TLS with", no_trust.message(), Executed::no);
}

void ClientConnection::start_sending(std::string request) {
  sending_ = std::move(request);
  is_sent_ = false;
  // Where it fails, so does the reading, which may still find an answer that came before.
  auto sent = [self = shared_from_this()](boost::system::error_code const& fault, std::size_t) {
    self->is_sent_ = !fault;
    self->sending_ = {};
  };
  if (encrypted_) {
    asio::async_write(*encrypted_, asio::buffer(sending_), std::move(sent));
  } else {
    asio::async_write(socket_, asio::buffer(sending_), std::move(sent));
  }
}

Task<> ClientConnection::exchange(std::string request, ResponseReader& reader) {
  struct CloseUnlessReusable {
    ClientConnection& connection;
    ~CloseUnlessReusable() {
      if (!connection.can_reuse_) connection.close();
    }
  } const closing{*this};
  bool const was_used = std::exchange(used_, true);
  can_reuse_ = false;
  start_sending(std::move(request));
  std::array<char, 16 * 1024> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): only what was read is used
  bool has_more = false;
  while (!reader.is_complete()) {
    auto const [fault, size] = encrypted_ ? co_await encrypted_->async_read_some(asio::buffer(buffer), awaiting)
                                          : co_await socket_.async_read_some(asio::buffer(buffer), awaiting);
    has_more = reader.feed({buffer.data(), size}) < size;
    if (fault == asio::error::eof) reader.end();
    if (reader.is_complete()) break;
    if (fault && was_used && !reader.has_started() && !timed_out_) {
      throw StaleConnection("no answer from " + origin_.authority + ": " + fault.message(), Executed::unknown);
    }
    if (!reader.fault().empty()) fail("no answer from", std::string(reader.fault()), Executed::unknown);
    if (fault) fail("no answer from", fault.message(), Executed::unknown);
  }
  can_reuse_ = reader.can_reuse() && !has_more && is_sent_ && !timed_out_;
}

void ClientConnection::fail(std::string const& what, std::string const& why, Executed executed) const {
  auto const text = what + ' ' + origin_.authority;
  throw TransportError(timed_out_ ? text + " in time" : text + ": " + why, executed);
}

}  // namespace balcao::http

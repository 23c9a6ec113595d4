#include "platform/db/postgres/connecting.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace balcao::db::postgres {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

namespace {

/// PostgreSQL's words, on one line.
std::string reason_of(PGconn const* connection) {
  std::string text = PQerrorMessage(connection);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  for (char& c : text) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  return text.empty() ? "the connection failed" : text;
}

Handle start_connecting(Address::Keywords const& keywords) {
  std::vector<char const*> names;
  std::vector<char const*> values;
  for (auto const& [name, value] : keywords) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  return Handle(PQconnectStartParams(names.data(), values.data(), 0));
}

Task<Handle> attempt(Address::Keywords keywords, Deadline deadline) {
  Handle handle = start_connecting(keywords);
  if (!handle) throw std::bad_alloc();
  PQsetNoticeReceiver(handle.get(), [](void*, PGresult const*) {}, nullptr);  // not to standard error
  auto next = PQstatus(handle.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) throw CannotConnect(reason_of(handle.get()));
    auto const what = next == PGRES_POLLING_READING ? Descriptor::wait_read : Descriptor::wait_write;
    if (!co_await wait_for(handle.get(), what, deadline)) throw CannotConnect("it did not answer in time");
    next = PQconnectPoll(handle.get());
  }
  co_return handle;
}

/// Its numeric addresses; one that is empty where there is nothing to look up. libpq would block to do it.
Task<std::vector<std::string>> look_up(Address::Host host, network::Resolver& resolver, Deadline deadline) {
  if (!host.is_name()) co_return std::vector<std::string>(1);
  std::vector<std::string> numerics;
  try {
    for (auto const& address : co_await resolver.resolve(host.name, deadline)) numerics.push_back(address.to_string());
  } catch (network::ResolveError const& error) {
    throw CannotConnect("its name cannot be resolved: " + std::string(error.what()));
  }
  co_return numerics;
}

}  // namespace

Task<Handle> connect(Address const& address, std::chrono::milliseconds timeout, network::Resolver& resolver) {
  std::string reasons;
  auto const add_reason = [&reasons](Address::Host const& host, std::string_view reason) {
    if (!reasons.empty()) reasons += "; ";
    reasons += (host.name.empty() ? host.numeric : host.name) + ": " + std::string(reason);
  };
  for (Address::Host const& host : address.hosts()) {
    try {
      auto const numerics = co_await look_up(host, resolver, std::chrono::steady_clock::now() + timeout);
      for (std::string const& numeric : numerics) {
        try {
          co_return co_await attempt(address.keywords(host, numeric), std::chrono::steady_clock::now() + timeout);
        } catch (CannotConnect const& failure) {
          add_reason(host, failure.what());
        }
      }
    } catch (CannotConnect const& failure) {
      add_reason(host, failure.what());
    }
  }
  throw CannotConnect(reasons);
}

Task<bool> wait_for(PGconn* connection, Descriptor::wait_type what, Deadline deadline) {
  auto const loop = co_await asio::this_coro::executor;
  auto const socket = std::make_shared<Descriptor>(loop, PQsocket(connection));
  struct Release {
    Descriptor& socket;
    ~Release() { socket.release(); }  // libpq may close it at its next step, and open another
  } const release{*socket};

  asio::steady_timer timer(loop, deadline);
  timer.async_wait([socket](boost::system::error_code cancelled) {
    if (cancelled) return;
    boost::system::error_code ignored;
    socket->cancel(ignored);
  });
  auto const [fault] = co_await socket->async_wait(what, asio::as_tuple(asio::use_awaitable));
  co_return !fault;
}

}  // namespace balcao::db::postgres

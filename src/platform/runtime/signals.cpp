#include "platform/runtime/signals.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

namespace balcao {

Task<std::string_view> termination_signal() {
  namespace asio = boost::asio;
  asio::signal_set signals(co_await asio::this_coro::executor, SIGTERM, SIGINT);
  int const signal = co_await signals.async_wait(asio::use_awaitable);
  co_return signal == SIGTERM ? "SIGTERM" : "SIGINT";
}

}  // namespace balcao

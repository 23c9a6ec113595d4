#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace balcao {

/// A coroutine on an event loop. It is resumed on the loop where it was started, so what it owns needs no lock; it must
/// not block. Prefer free functions with by-value parameters to capturing lambdas: a closure must outlive its
/// coroutine.
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace balcao

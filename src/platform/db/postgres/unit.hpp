#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "platform/db/database.hpp"

namespace balcao::db::postgres {

using Deadline = std::chrono::steady_clock::time_point;

/// When what a unit does becomes durable: this decides what its caller is told where the connection is lost.
enum class Effect {
  none,          ///< it only reads: it may be sent again
  at_once,       ///< with its sync: a loss leaves it unknown
  at_commit,     ///< it is part of an open transaction: a loss undoes it
  at_execution,  ///< it is a COMMIT, which does not wait for its sync: a loss leaves it unknown
};

/// What is left for the coroutine that waits. It lives in the frame of that coroutine, which cannot go away before it
/// is resumed; after that nobody else touches it.
struct Outcome {
  std::vector<Rows> results;
  std::exception_ptr error;
};

/// Statements that take effect as a whole or not at all.
struct Unit {
  std::vector<Call> calls;
  Effect effect = Effect::none;
  Deadline deadline;
  Outcome* outcome = nullptr;  ///< nobody waits where there is none
  std::move_only_function<void()> resume;
  /// How often it may be sent again, where that is safe; never inside a transaction. A server that ends takes all its
  /// connections with it, and the next one that is tried may be as dead as the first.
  std::size_t repeats_left = 0;
  bool is_alone = false;  ///< it failed in a group, and so must show whether it does by itself
};

/// Units that are sent together, ended by one sync: they are committed together too, and so share the flush to disk.
using Group = std::vector<std::unique_ptr<Unit>>;

/// Resumes the unit's coroutine, a little later: it may well come back with the next unit.
void resume(boost::asio::io_context& loop, std::unique_ptr<Unit> unit);
void fail(boost::asio::io_context& loop, std::unique_ptr<Unit> unit, std::exception_ptr error);

/// Suspends the caller and gives `unit` to `submit(std::unique_ptr<Unit>)`, which must see to it that it is resumed.
template <class Submit>
Task<std::vector<Rows>> outcome_of(Unit unit, Submit submit) {
  namespace asio = boost::asio;
  Outcome outcome;
  auto owned = std::make_unique<Unit>(std::move(unit));
  owned->outcome = &outcome;
  co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(
      [&](auto handler) {
        owned->resume = std::move(handler);
        submit(std::move(owned));
      },
      asio::use_awaitable);
  if (outcome.error) std::rethrow_exception(outcome.error);
  co_return std::move(outcome.results);
}

}  // namespace balcao::db::postgres

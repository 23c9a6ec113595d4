#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include "platform/db/value.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::db::sqlite {

using Deadline = std::chrono::steady_clock::time_point;

/// A suspended coroutine that another thread will resume. Its event loop does not run out of work meanwhile.
class Waiter {
 public:
  Waiter(boost::asio::any_io_executor loop, std::move_only_function<void()> resume);

  boost::asio::any_io_executor const& loop() const { return loop_; }

  /// On its loop only.
  void operator()() { std::exchange(resume_, nullptr)(); }

 private:
  boost::asio::any_io_executor loop_;
  boost::asio::any_io_executor
      work_;  // keeps the loop running; a loop may end once this is resumed, so it goes with it
  std::move_only_function<void()> resume_;
};

/// Resumes each on its own loop, and wakes each loop only once.
void resume(std::vector<Waiter> waiters);
void resume(Waiter waiter);

/// What the other thread leaves for the coroutine. It lives in the frame of that coroutine, which cannot go away before
/// its Waiter is resumed; after that nobody else touches it.
struct Outcome {
  std::vector<Rows> results;
  std::exception_ptr error;
};

/// Suspends the caller. `submit(Outcome*, Waiter)` hands both to another thread; it must not throw, for a Waiter that
/// is dropped takes its coroutine with it.
template <class Submit>
Task<std::vector<Rows>> outcome_of(Submit submit) {
  namespace asio = boost::asio;
  Outcome outcome;
  auto const loop = co_await asio::this_coro::executor;
  co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(
      [&](auto handler) { submit(&outcome, Waiter(loop, std::move(handler))); }, asio::use_awaitable);
  if (outcome.error) std::rethrow_exception(outcome.error);
  co_return std::move(outcome.results);
}

}  // namespace balcao::db::sqlite

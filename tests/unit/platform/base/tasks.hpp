#pragma once

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "platform/problem.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::test {

/// Runs one coroutine to its end, on the first loop; throws what it throws.
template <class T>
T run_on(Loops& loops, Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    run_to_end(loops[0], std::move(task));
  } else {
    std::optional<T> result;
    auto const keep = [](Task<T> awaited, std::optional<T>& kept) -> Task<> { kept = co_await std::move(awaited); };
    run_to_end(loops[0], keep(std::move(task), result));
    return std::move(*result);
  }
}

/// Starts each at once and waits for all; gives what they threw, in the order in which they ended.
inline Task<std::vector<std::exception_ptr>> together(std::vector<Task<>> tasks) {
  auto const loop = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer ending(loop, boost::asio::steady_timer::time_point::max());
  std::vector<std::exception_ptr> failures;
  auto const total = tasks.size();
  for (auto& task : tasks) {
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failure) {
      failures.push_back(std::move(failure));
      if (failures.size() == total) ending.cancel();
    });
  }
  if (failures.size() < total) co_await ending.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return failures;
}

/// Waits, without blocking the loop, until `condition` holds; throws after ten seconds.
inline Task<> until(std::function<Task<bool>()> condition) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!co_await condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the condition did not come true");
    co_await pause(std::chrono::milliseconds(1));
  }
}

inline Task<> until(std::function<bool()> condition) {
  co_await until([&condition]() -> Task<bool> { co_return condition(); });
}

/// Awaits a task and gives what it threw.
template <class T>
Task<std::exception_ptr> failure_of(Task<T> task) {
  try {
    co_await std::move(task);
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

/// Of the Problem; 0 for nothing, -1 for another exception.
inline int status_of(std::exception_ptr const& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (Problem const& problem) {
    return problem.status();
  } catch (std::exception const&) {
    return -1;
  }
  return 0;
}

/// What happens on a loop that never runs out of work, as those of a program.
class LoopsTest : public testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return run_on(loops, std::move(task));
  }

  std::vector<std::exception_ptr> run_together(std::vector<Task<>> tasks) { return run(together(std::move(tasks))); }

  /// The status of the problem that the task throws; 0 for none.
  template <class T>
  int status(Task<T> task) {
    return status_of(run(failure_of(std::move(task))));
  }

  Loops loops{1};  ///< outlives the databases that the tests open
};

}  // namespace balcao::test

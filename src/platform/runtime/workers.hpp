#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "platform/problem.hpp"
#include "platform/runtime/task.hpp"

namespace balcao {

/// Threads for what burns CPU (argon2id), apart from the event loops. The queue is bounded.
class Workers {
 public:
  /// `when_idle` is called on a worker that has had nothing to do for a second, to give back what it holds.
  Workers(std::size_t threads, std::size_t queue_limit, std::function<void()> when_idle = {});
  /// Finishes what is queued.
  ~Workers();

  /// Runs `work` on a worker and resumes the caller on its own loop with the result, or with what `work` threw.
  /// Throws Problem `unavailable` (503) at once when the queue is full.
  template <class Work>
  auto run(Work work) -> Task<std::invoke_result_t<Work&>> {
    using Result = std::invoke_result_t<Work&>;
    if constexpr (std::is_void_v<Result>) {
      co_await submit([&work] { work(); });
    } else {
      std::optional<Result> result;
      co_await submit([&] { result.emplace(work()); });
      co_return std::move(*result);
    }
  }

 private:
  Task<> submit(std::function<void()> work);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace balcao

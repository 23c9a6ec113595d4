#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "platform/problem.hpp"
#include "platform/runtime/fair_queue.hpp"
#include "platform/runtime/task.hpp"

namespace balcao {

/// Threads for what burns CPU (argon2id), apart from the event loops. The queue is bounded, and fair to those for whom
/// the work is done (FairQueue).
class Workers {
 public:
  /// `queue_limit` is the number of places of each urgency. `when_idle` is called on a worker that has had nothing to
  /// do for a second, to give back what it holds.
  Workers(std::size_t threads, std::size_t queue_limit, std::function<void()> when_idle = {});
  /// Finishes what is queued.
  ~Workers();

  /// Runs `work` on a worker and resumes the caller on its own loop with the result, or with what `work` threw.
  /// Throws Problem `unavailable` (503) where the queue is full of others' work or becomes so, the greediest first, and
  /// where it was not begun within 30 s.
  template <class Work>
  auto run(WorkShare share, Work work) -> Task<std::invoke_result_t<Work&>> {
    using Result = std::invoke_result_t<Work&>;
    if constexpr (std::is_void_v<Result>) {
      co_await submit(std::move(share), [&work] { work(); });
    } else {
      std::optional<Result> result;
      co_await submit(std::move(share), [&] { result.emplace(work()); });
      co_return std::move(*result);
    }
  }

  /// The same for nobody in particular.
  template <class Work>
  auto run(Work work) -> Task<std::invoke_result_t<Work&>> {
    return run({}, std::move(work));
  }

 private:
  Task<> submit(WorkShare share, std::function<void()> work);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace balcao

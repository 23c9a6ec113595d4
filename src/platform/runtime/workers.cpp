#include "platform/runtime/workers.hpp"

#include <pthread.h>

#include <boost/asio/append.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace balcao {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds idle_after{1};
/// Whoever has waited for so long has given up, or will try again.
constexpr std::chrono::seconds max_wait{30};

Problem busy() { return overloaded("The CPU workers are busy.", "Os trabalhadores de CPU estão ocupados."); }

std::exception_ptr run_and_catch(std::function<void()> const& work) {
  try {
    work();
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

struct Workers::State {
  std::function<void()> const when_idle;
  std::mutex mutex;
  std::condition_variable changed;
  FairQueue queue;
  bool stopping = false;
  std::vector<std::thread> threads;

  State(std::size_t limit, std::function<void()> idle) : when_idle(std::move(idle)), queue(limit, max_wait) {}

  ~State() {
    {
      std::lock_guard const lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    for (auto& thread : threads) thread.join();
  }

  void push(WorkShare share, FairQueue::Job job) {
    std::optional<FairQueue::Job> refused;
    {
      std::lock_guard const lock(mutex);
      refused = queue.push(std::move(share), std::move(job), FairQueue::Clock::now());
    }
    changed.notify_one();
    if (refused) (*refused)(FairQueue::Verdict::refused);
  }

  void work() {
    pthread_setname_np(pthread_self(), "balcao-worker");
    while (true) {
      std::unique_lock lock(mutex);
      auto const has_work = [this] { return stopping || !queue.empty(); };
      if (when_idle && !changed.wait_for(lock, idle_after, has_work)) {
        lock.unlock();
        when_idle();
        lock.lock();
      }
      changed.wait(lock, has_work);
      auto next = queue.take(FairQueue::Clock::now());
      if (!next) return;
      lock.unlock();
      next->job(next->verdict);
    }
  }
};

// The loops of the callers must outlive the Workers: what is still queued here resumes its caller there.
Workers::Workers(std::size_t threads, std::size_t queue_limit, std::function<void()> when_idle)
    : state_(std::make_unique<State>(queue_limit, std::move(when_idle))) {
  assert(threads > 0);
  for (std::size_t i = 0; i < threads; ++i) state_->threads.emplace_back(&State::work, state_.get());
}

Workers::~Workers() = default;

Task<> Workers::submit(WorkShare share, std::function<void()> work) {
  // The handler owns the coroutine that waits here, so `work` and what it refers to live until the handler is called.
  auto enqueue = [state = state_.get(), &share, &work](auto handler) {
    auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
    auto job = [&work, handler = std::move(handler), guard = std::move(guard)](FairQueue::Verdict verdict) mutable {
      auto fault = verdict == FairQueue::Verdict::run ? run_and_catch(work) : std::make_exception_ptr(busy());
      asio::post(guard.get_executor(), asio::append(std::move(handler), std::move(fault)));
    };
    state->push(std::move(share), std::move(job));
  };
  co_await asio::async_initiate<asio::use_awaitable_t<> const, void(std::exception_ptr)>(enqueue, asio::use_awaitable);
}

}  // namespace balcao

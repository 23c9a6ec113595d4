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
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace balcao {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds idle_after{1};

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
  using Job = std::move_only_function<void()>;

  std::size_t const queue_limit;
  std::function<void()> const when_idle;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> queue;
  std::size_t places_taken = 0;  // jobs queued, and those on their way into the queue
  bool stopping = false;
  std::vector<std::thread> threads;

  State(std::size_t limit, std::function<void()> idle) : queue_limit(limit), when_idle(std::move(idle)) {}

  ~State() {
    {
      std::lock_guard const lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    for (auto& thread : threads) thread.join();
  }

  bool take_place() {
    std::lock_guard const lock(mutex);
    if (places_taken >= queue_limit) return false;
    ++places_taken;
    return true;
  }

  void push(Job job) {
    {
      std::lock_guard const lock(mutex);
      queue.push_back(std::move(job));
    }
    changed.notify_one();
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
      if (queue.empty()) return;
      Job job = std::move(queue.front());
      queue.pop_front();
      --places_taken;
      lock.unlock();
      job();
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

Task<> Workers::submit(std::function<void()> work) {
  if (!state_->take_place()) throw overloaded("The CPU workers are busy.", "Os trabalhadores de CPU estão ocupados.");

  // The handler owns the coroutine that waits here, so `work` and what it refers to live until the handler is called.
  auto enqueue = [state = state_.get(), &work](auto handler) {
    auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
    state->push([&work, handler = std::move(handler), guard = std::move(guard)]() mutable {
      auto fault = run_and_catch(work);
      asio::post(guard.get_executor(), asio::append(std::move(handler), std::move(fault)));
    });
  };
  co_await asio::async_initiate<asio::use_awaitable_t<> const, void(std::exception_ptr)>(enqueue, asio::use_awaitable);
}

}  // namespace balcao

#pragma once

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <expected>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "platform/problem.hpp"
#include "platform/runtime/loops.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::shared::test {

/// What a call threw. Told as text: an exception itself crosses threads by a count inside of the C++ library that
/// ThreadSanitizer cannot see.
struct Failure {
  std::string what;
  int status = 0;  ///< of a Problem
};
template <class T = void>
using Outcome = std::expected<T, Failure>;

template <class T>
Task<Outcome<T>> caught(Task<T> task) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      co_return Outcome<T>();
    } else {
      co_return co_await std::move(task);
    }
  } catch (Problem const& problem) {
    co_return std::unexpected(Failure{problem.what(), problem.status()});
  } catch (std::exception const& fault) {
    co_return std::unexpected(Failure{fault.what()});
  }
}

/// What a process of a fleet has: two running loops and the shared state on them.
class Member {
 public:
  using Maker = std::function<std::unique_ptr<SharedState>(Loops&)>;

  explicit Member(Maker const& make) : state_(make(loops_)) {
    thread_ = std::thread([this] { loops_.run(); });
  }
  ~Member() {
    loops_.stop();
    thread_.join();
  }

  boost::asio::io_context& loop(std::size_t index) { return loops_[index]; }
  SharedState& operator*() { return *state_; }
  SharedState* operator->() { return state_.get(); }

  /// Starts a coroutine on one of the loops.
  template <class T>
  std::future<Outcome<T>> begin(Task<T> task, std::size_t loop = 1) {
    return boost::asio::co_spawn(loops_[loop], caught(std::move(task)), boost::asio::use_future);
  }
  Count count(std::string key, std::int64_t amount, std::chrono::seconds window = std::chrono::seconds(60)) {
    return begin(state_->count(std::move(key), amount, window)).get().value();
  }
  Outcome<> publish(std::string channel, std::string message) {
    return begin(state_->publish(std::move(channel), std::move(message))).get();
  }
  Outcome<> ping() { return begin(state_->ping()).get(); }

 private:
  Loops loops_{2};
  std::unique_ptr<SharedState> state_;
  std::thread thread_;
};

/// What a subscriber has been told.
class Ear {
 public:
  void listen(SharedState& state, std::string channel) {
    subscription_ = state.subscribe(
        std::move(channel), [this](std::string_view message) { note(message); }, [this] { ++resumed_; });
  }
  std::vector<std::string> heard() const {
    std::lock_guard const lock(mutex_);
    return heard_;
  }
  int resumed() const { return resumed_; }
  std::thread::id thread() const {
    std::lock_guard const lock(mutex_);
    return thread_;
  }

 private:
  void note(std::string_view message) {
    std::lock_guard const lock(mutex_);
    heard_.emplace_back(message);
    thread_ = std::this_thread::get_id();
  }

  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
  std::thread::id thread_;
  std::atomic<int> resumed_ = 0;
  Subscription subscription_;
};

}  // namespace balcao::shared::test

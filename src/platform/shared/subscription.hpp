#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace balcao::shared {

/// The functions of a subscriber. Its Subscription owns it; a shared state refers to it weakly.
class Listener {
 public:
  using Receive = std::function<void(std::string_view message)>;
  using Resumed = std::function<void()>;

  Listener(Receive receive, Resumed resumed) : receive_(std::move(receive)), resumed_(std::move(resumed)) {}

  /// Calls the subscriber's function; does nothing after `end`. Throws what the function throws. From any thread.
  void receive(std::string_view message);
  void resumed();

  /// Once it returns, neither function runs any more: it waits for one that runs on another thread. From any thread,
  /// and from within the functions.
  void end();

 private:
  std::recursive_mutex mutex_;  // held while a function runs, which may end the subscription itself
  bool has_ended_ = false;
  Receive const receive_;
  Resumed const resumed_;
};

/// A subscription of a SharedState, which lasts as long as this object. Once it is destroyed, its functions neither run
/// nor are called again, whatever is on its way; so an object whose functions use `this` keeps it as its last member.
/// May be destroyed on any thread, before or after the shared state, but not under a lock that the functions take.
class [[nodiscard]] Subscription {
 public:
  Subscription() = default;
  explicit Subscription(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription();

 private:
  std::shared_ptr<Listener> listener_;
};

}  // namespace balcao::shared

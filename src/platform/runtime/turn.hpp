#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "platform/runtime/task.hpp"

namespace balcao {

/// Something that one coroutine of the process may have at a time; the others have it in the order in which they came.
class Turn {
 public:
  /// At most `longest_queue` wait.
  explicit Turn(std::size_t longest_queue) : longest_queue_(longest_queue) {}

  class Held;
  /// From coroutines on any loop; the caller goes on on its own. Problem `unavailable` where too many wait.
  Task<Held> take();

 private:
  struct Waiting;

  void pass_on();
  void leave(std::shared_ptr<Waiting> const& waiting);

  std::size_t const longest_queue_;
  std::mutex mutex_;
  bool is_taken_ = false;
  std::deque<std::shared_ptr<Waiting>> queue_;
};

/// Passes the turn on when it goes.
class Turn::Held {
 public:
  explicit Held(Turn& turn) : turn_(&turn) {}
  Held(Held&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
  Held& operator=(Held&&) = delete;
  ~Held() {
    if (turn_) turn_->pass_on();
  }

 private:
  Turn* turn_;
};

}  // namespace balcao

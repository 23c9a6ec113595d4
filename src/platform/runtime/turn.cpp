#include "platform/runtime/turn.hpp"

#include <algorithm>

#include "platform/problem.hpp"
#include "platform/runtime/wake_up.hpp"

namespace balcao {

struct Turn::Waiting {
  WakeUp turn_has_come;
  bool has_turn = false;  ///< under the mutex
};

Task<Turn::Held> Turn::take() {
  auto const waiting = std::make_shared<Waiting>();
  {
    std::lock_guard const lock(mutex_);
    if (!std::exchange(is_taken_, true)) co_return Held(*this);
    if (queue_.size() >= longest_queue_) {
      throw overloaded("Too many wait for the same", "Há gente demais esperando pela mesma coisa");
    }
    queue_.push_back(waiting);
  }
  // Where the wait is ended by an exception, the place in the queue must not stay behind.
  struct Place {
    Turn& turn;
    std::shared_ptr<Waiting> const& waiting;
    bool is_kept = false;
    ~Place() {
      if (!is_kept) turn.leave(waiting);
    }
  } place{*this, waiting};
  for (;;) {
    co_await waiting->turn_has_come.wait(std::chrono::seconds(1));
    std::lock_guard const lock(mutex_);
    if (waiting->has_turn) break;
  }
  place.is_kept = true;
  co_return Held(*this);
}

void Turn::pass_on() {
  std::lock_guard const lock(mutex_);
  if (queue_.empty()) {
    is_taken_ = false;
    return;
  }
  auto const next = std::move(queue_.front());
  queue_.pop_front();
  next->has_turn = true;
  next->turn_has_come.ring();
}

void Turn::leave(std::shared_ptr<Waiting> const& waiting) {
  {
    std::lock_guard const lock(mutex_);
    if (!waiting->has_turn) {
      std::erase(queue_, waiting);
      return;
    }
  }
  pass_on();
}

}  // namespace balcao

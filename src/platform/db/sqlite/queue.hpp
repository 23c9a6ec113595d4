#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace balcao::db::sqlite {

/// What waits for a thread of the database, first come, first served.
template <class Item>
class Queue {
 public:
  explicit Queue(std::size_t limit) : limit_(limit) {}

  /// False, and `item` is left as it was, when the queue is full or closed.
  bool push(Item& item) {
    bool enough = false;
    {
      std::lock_guard const lock(mutex_);
      if (closed_ || items_.size() >= limit_) return false;
      items_.push_back(std::move(item));
      enough = items_.size() >= wanted_;
    }
    if (enough) filled_.notify_one();
    return true;
  }

  /// Waits until there is something and takes at most `most`; takes nothing only when the queue is closed and empty.
  /// Before it is content with little, it waits up to `patience` for `hoped` items. Patience is for a single taker.
  std::vector<Item> take(std::size_t most, std::size_t hoped = 1, std::chrono::nanoseconds patience = {}) {
    std::unique_lock lock(mutex_);
    if (hoped > 1) {
      wanted_ = std::min(hoped, limit_);
      filled_.wait_for(lock, patience, [this] { return closed_ || items_.size() >= wanted_; });
      wanted_ = 1;
    }
    filled_.wait(lock, [this] { return closed_ || !items_.empty(); });
    auto const end = items_.begin() + static_cast<std::ptrdiff_t>(std::min(most, items_.size()));
    std::vector<Item> taken(std::make_move_iterator(items_.begin()), std::make_move_iterator(end));
    items_.erase(items_.begin(), end);
    return taken;
  }

  std::size_t size() {
    std::lock_guard const lock(mutex_);
    return items_.size();
  }

  /// Lets nothing more in; what is inside can still be taken.
  void close() {
    {
      std::lock_guard const lock(mutex_);
      closed_ = true;
    }
    filled_.notify_all();
  }

 private:
  std::size_t const limit_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Item> items_;
  std::size_t wanted_ = 1;  ///< fewer do not wake the taker
  bool closed_ = false;
};

}  // namespace balcao::db::sqlite

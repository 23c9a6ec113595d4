#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <mutex>

#include "platform/runtime/task.hpp"

namespace balcao {

/// A wait that any thread can end.
class WakeUp {
 public:
  /// Ends the wait under way, or else the next one. From any thread.
  void ring();

  /// Waits until `ring` or for `longest`. One waiter at a time.
  Task<> wait(std::chrono::milliseconds longest);

 private:
  using Timer = boost::asio::steady_timer;

  std::mutex mutex_;
  bool rung_ = false;
  std::shared_ptr<Timer> waiting_;  ///< touched by its own loop only; `ring` posts there
};

}  // namespace balcao

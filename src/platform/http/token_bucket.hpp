#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "platform/runtime/clock.hpp"

namespace balcao::http {

/// A token bucket that lets callers wait for their turn, for a server that limits our rate: kept as the time at which
/// it would be full again (the generic cell rate algorithm, ITU-T I.371). No I/O, no clock of its own, no exceptions;
/// safe from any thread.
class TokenBucket {
 public:
  struct Options {
    int per_second = 1;
    int burst = 1;  ///< tokens that can be saved
  };

  explicit TokenBucket(Options options);

  /// Takes a token and gives how long to wait before using it; nothing, and no token, where that would be longer than
  /// `longest`.
  std::optional<std::chrono::milliseconds> take(SteadyTime now, std::chrono::milliseconds longest);

 private:
  std::chrono::nanoseconds const interval_;
  std::chrono::nanoseconds const saved_;
  std::mutex mutex_;
  SteadyTime full_at_{};
};

}  // namespace balcao::http

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/runtime/clock.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::shared {

/// Where a counter stands after it was raised, and when its window ends.
struct Count {
  std::int64_t value;
  Time window_end;
};

/// What several processes must share quickly and may lose without losing a fact: the database stays the truth.
/// From coroutines on any loop.
class SharedState {
 public:
  virtual ~SharedState() = default;

  /// Adds `amount` to a counter that starts at 0 with each window, and gives where it stands; atomic among all callers.
  virtual Task<Count> count(std::string key, std::int64_t amount, std::chrono::seconds window) = 0;

  /// Resolves when it can be used; throws what keeps it from that. For readiness.
  virtual Task<> ping() = 0;
};

}  // namespace balcao::shared

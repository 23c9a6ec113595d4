#pragma once

#include <atomic>

#include "platform/runtime/clock.hpp"

namespace balcao::test {

/// Time that stands still until it is moved.
class ManualClock final : public Clock {
 public:
  Time now() const override { return Time{std::chrono::microseconds{micros_.load()}}; }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_ = 1'800'000'000'000'000;
};

}  // namespace balcao::test

#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace balcao::db::postgres {

/// How long to wait before the next attempt: short at first, longer with every failure, never the same for all who lost
/// the server at the same moment.
class Backoff {
 public:
  static constexpr std::chrono::milliseconds shortest{20};
  static constexpr std::chrono::milliseconds longest{400};

  std::chrono::milliseconds next() {
    auto const most = next_;
    next_ = std::min(next_ * 2, longest);
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(most.count() / 2, most.count())(chance_));
  }
  void reset() { next_ = shortest; }

 private:
  std::chrono::milliseconds next_ = shortest;
  std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace balcao::db::postgres

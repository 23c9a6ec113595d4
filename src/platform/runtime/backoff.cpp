#include "platform/runtime/backoff.hpp"

#include <algorithm>

namespace balcao {

std::chrono::milliseconds Backoff::next() {
  if (connected_at_ && std::chrono::steady_clock::now() - *connected_at_ > settled) failures_ = 0;
  connected_at_.reset();
  auto const most = std::min(longest_, first_ * (1 << std::min(failures_++, 16)));
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(most.count() / 2, most.count())(random_));
}

}  // namespace balcao

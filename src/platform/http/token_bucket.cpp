#include "platform/http/token_bucket.hpp"

#include <algorithm>

namespace balcao::http {

using std::chrono::milliseconds;

TokenBucket::TokenBucket(Options options)
    : interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) / options.per_second),
      saved_(interval_ * options.burst) {}

std::optional<milliseconds> TokenBucket::take(SteadyTime now, milliseconds longest) {
  std::lock_guard const lock(mutex_);
  auto const full_at = std::max(full_at_, now) + interval_;
  auto const wait = std::max(milliseconds(0), std::chrono::ceil<milliseconds>(full_at - saved_ - now));
  if (wait > longest) return std::nullopt;
  full_at_ = full_at;
  return wait;
}

}  // namespace balcao::http

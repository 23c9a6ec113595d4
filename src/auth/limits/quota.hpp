#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "platform/problem.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::auth {

/// A limit (the draft ratelimit-headers calls it a policy) and what is left of it.
struct Quota {
  std::string_view name;  ///< of a constant
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::int64_t resets_in = 0;  ///< seconds
  std::chrono::seconds window{};
  bool exceeded = false;
};

/// Where a count stands beside its limit; a process that counts alone takes a quarter of the limit for itself.
Quota quota_of(std::string_view name, shared::Count const& count, std::int64_t limit, std::chrono::seconds window,
               Time now);

/// Adds `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).
Problem with_rate_limit(Problem problem, std::span<Quota const> quotas);

/// 429 with Retry-After, and `quota` in the fields of with_rate_limit.
Problem over_quota(Text detail, Quota const& quota);

}  // namespace balcao::auth

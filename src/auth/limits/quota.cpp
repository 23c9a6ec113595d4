#include "auth/limits/quota.hpp"

#include <algorithm>

namespace balcao::auth {
namespace {

std::string item(Quota const& quota, std::string_view parameters) {
  return '"' + std::string(quota.name) + '"' + std::string(parameters);
}

}  // namespace

Quota quota_of(std::string_view name, shared::Count const& count, std::int64_t limit, std::chrono::seconds window,
               Time now) {
  constexpr std::int64_t processes = 4;  // what the others count is not seen
  auto const most = count.local ? std::max<std::int64_t>(1, limit / processes) : limit;
  auto const wait = std::chrono::ceil<std::chrono::seconds>(count.window_end - now).count();
  return {name,
          most,
          std::max<std::int64_t>(0, most - count.value),
          std::max<std::int64_t>(1, wait),
          window,
          count.value > most};
}

Problem with_rate_limit(Problem problem, std::span<Quota const> quotas) {
  std::string policy;
  std::string state;
  for (auto const& quota : quotas) {
    policy += (policy.empty() ? "" : ", ") +
              item(quota, ";q=" + std::to_string(quota.limit) + ";w=" + std::to_string(quota.window.count()));
    state += (state.empty() ? "" : ", ") +
             item(quota, ";r=" + std::to_string(quota.remaining) + ";t=" + std::to_string(quota.resets_in));
  }
  return std::move(problem)
      .with_header("RateLimit-Policy", std::move(policy))
      .with_header("RateLimit", std::move(state));
}

Problem over_quota(Text detail, Quota const& quota) {
  auto problem = Problem(balcao::problems::too_many_requests, std::move(detail))
                     .with_header("Retry-After", std::to_string(quota.resets_in));
  return with_rate_limit(std::move(problem), {&quota, 1});
}

}  // namespace balcao::auth

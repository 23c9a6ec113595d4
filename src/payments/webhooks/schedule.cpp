#include "payments/webhooks/schedule.hpp"

#include <algorithm>

namespace balcao::payments {

std::optional<std::chrono::milliseconds> webhook_retry_delay(std::int64_t attempts, std::uint8_t dice,
                                                             std::optional<std::chrono::seconds> retry_after) {
  if (attempts < 1 || attempts > static_cast<std::int64_t>(webhook_retries.size())) return std::nullopt;
  std::chrono::milliseconds const scheduled = webhook_retries.at(static_cast<std::size_t>(attempts - 1));
  auto const delay = scheduled + scheduled * dice / 2560;
  std::chrono::milliseconds const asked = std::clamp<std::chrono::seconds>(
      retry_after.value_or(std::chrono::seconds(0)), std::chrono::seconds(0), std::chrono::hours(24));
  return std::max(delay, asked);
}

}  // namespace balcao::payments

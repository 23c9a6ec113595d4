#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace balcao::payments {

/// When a delivery is tried again, behind the attempt that is made at once: the schedule that Standard Webhooks
/// recommends.
inline constexpr std::array<std::chrono::seconds, 9> webhook_retries{
    std::chrono::seconds(5), std::chrono::minutes(5), std::chrono::minutes(30),
    std::chrono::hours(2),   std::chrono::hours(5),   std::chrono::hours(10),
    std::chrono::hours(14),  std::chrono::hours(20),  std::chrono::hours(24)};

/// How long to wait after so many attempts; nothing where that was the last. `dice` of 0 to 255 adds up to a tenth, so
/// that what failed together does not come back together. What the endpoint asked for (`Retry-After`) is kept, up to a
/// day.
std::optional<std::chrono::milliseconds> webhook_retry_delay(std::int64_t attempts, std::uint8_t dice,
                                                             std::optional<std::chrono::seconds> retry_after);

}  // namespace balcao::payments

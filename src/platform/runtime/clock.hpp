#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace balcao {

/// A point in time, UTC, in microseconds: the resolution of PostgreSQL's `timestamptz`.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// A point in time for deadlines and pauses: no change of the machine's clock moves it.
using SteadyTime = std::chrono::steady_clock::time_point;

/// RFC 3339 in UTC with six fraction digits: `2026-11-24T05:47:27.123456Z`.
std::string to_rfc3339(Time time);

/// Reads RFC 3339 with `Z` or a numeric offset and up to nine fraction digits; nothing for anything else.
std::optional<Time> parse_rfc3339(std::string_view text);

/// Where the program's time comes from, so that a test can move it. Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

/// The machine's clock.
Clock const& system_clock();

}  // namespace balcao

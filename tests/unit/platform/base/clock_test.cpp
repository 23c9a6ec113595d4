#include "platform/runtime/clock.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace balcao {
namespace {

TEST(Rfc3339, IsWrittenInUtcWithSixDigits) {
  EXPECT_EQ(to_rfc3339(Time{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(Time{std::chrono::microseconds{1'795'499'247'123'456}}), "2026-11-24T05:47:27.123456Z");
  EXPECT_EQ(to_rfc3339(Time{std::chrono::microseconds{-1}}), "1969-12-31T23:59:59.999999Z");
}

TEST(Rfc3339, ReadsItsOwnText) {
  for (std::int64_t const micros :
       {0LL, 1LL, -1LL, 951'782'400'000'000LL, 1'795'499'247'123'456LL, 253'402'300'799'999'999LL}) {
    Time const time{std::chrono::microseconds{micros}};
    EXPECT_EQ(parse_rfc3339(to_rfc3339(time)), time);
  }
}

TEST(Rfc3339, ReadsOffsetsAndFractionsOfAnyLength) {
  std::vector<std::pair<std::string, std::string>> const equals{
      {"2026-11-24T05:47:27Z", "2026-11-24T05:47:27.000000Z"},
      {"2026-11-24t05:47:27z", "2026-11-24T05:47:27.000000Z"},
      {"2026-11-24T05:47:27.5Z", "2026-11-24T05:47:27.500000Z"},
      {"2026-11-24T05:47:27.123456789Z", "2026-11-24T05:47:27.123456Z"},
      {"2026-11-24T02:47:27-03:00", "2026-11-24T05:47:27.000000Z"},
      {"2026-11-24T11:17:27+05:30", "2026-11-24T05:47:27.000000Z"},
      {"2024-02-29T23:59:59-00:01", "2024-03-01T00:00:59.000000Z"},
  };
  for (auto const& [text, canonical] : equals) {
    auto const time = parse_rfc3339(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(to_rfc3339(*time), canonical) << text;
  }
}

TEST(Rfc3339, RefusesWhatIsNone) {
  for (auto const* text : {"",
                           "2026-11-24",
                           "2026-11-24T05:47:27",
                           "2026-11-24 05:47:27Z",
                           "2026-11-24T05:47Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-11-24T24:00:00Z",
                           "2026-11-24T05:60:00Z",
                           "2026-11-24T05:47:60Z",
                           "2026-11-24T05:47:27.Z",
                           "2026-11-24T05:47:27.1234567890Z",
                           "2026-11-24T05:47:27+0300",
                           "2026-11-24T05:47:27+24:00",
                           "2026-11-24T05:47:27+03:60",
                           "2026-11-24T05:47:27Z ",
                           " 2026-11-24T05:47:27Z",
                           "-026-11-24T05:47:27Z",
                           "2026-11-24T-5:47:27Z",
                           "2026-1-24T05:47:27Z",
                           "2026-11-24T05:47:27,5Z",
                           "1795499247"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(SystemClock, DoesNotGoBackWhileATestRuns) {
  Time const before = system_clock().now();
  EXPECT_GE(system_clock().now(), before);
  EXPECT_GT(before, parse_rfc3339("2025-01-01T00:00:00Z").value());
}

}  // namespace
}  // namespace balcao

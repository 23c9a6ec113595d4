#include "platform/http/token_bucket.hpp"

#include <gtest/gtest.h>

namespace balcao::http {
namespace {

using namespace std::chrono_literals;

TEST(TokenBucket, LetsASavedBurstThroughAndSpacesTheRest) {
  TokenBucket bucket({.per_second = 10, .burst = 3});
  SteadyTime const now{1h};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(now, 1s), 0ms);
  EXPECT_EQ(bucket.take(now, 1s), 100ms);
  EXPECT_EQ(bucket.take(now, 1s), 200ms);
}

TEST(TokenBucket, TakesNothingFromWhoWillNotWait) {
  TokenBucket bucket({.per_second = 10, .burst = 1});
  SteadyTime const now{1h};
  EXPECT_EQ(bucket.take(now, 0ms), 0ms);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(bucket.take(now, 99ms), std::nullopt);
  EXPECT_EQ(bucket.take(now, 100ms), 100ms);
}

TEST(TokenBucket, SavesNoMoreThanItHolds) {
  TokenBucket bucket({.per_second = 10, .burst = 2});
  SteadyTime now{1h};
  for (int i = 0; i < 2; ++i) EXPECT_EQ(bucket.take(now, 0ms), 0ms);
  now += 100ms;
  EXPECT_EQ(bucket.take(now, 0ms), 0ms);
  EXPECT_EQ(bucket.take(now, 0ms), std::nullopt);
  now += 1h;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(bucket.take(now, 0ms), 0ms);
  EXPECT_EQ(bucket.take(now, 0ms), std::nullopt);
}

}  // namespace
}  // namespace balcao::http

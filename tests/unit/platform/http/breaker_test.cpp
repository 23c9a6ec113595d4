#include "platform/http/breaker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace balcao::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

class BreakerTest : public testing::Test {
 protected:
  void fail_once() { breaker_.failed(breaker_.allow(now_).value(), now_); }
  void open() {
    for (int i = 0; i < 3; ++i) fail_once();
  }
  /// Waits out the pause; gives how long it was.
  milliseconds wait() {
    auto const pause = breaker_.retry_after(now_);
    EXPECT_FALSE(breaker_.allow(now_ + pause - 1ms));
    now_ += pause;
    return pause;
  }

  Breaker breaker_{{.failures = 3, .shortest_pause = 100ms, .longest_pause = 1s, .probe_deadline = 5s}, 7};
  SteadyTime now_{1h};
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  fail_once();
  fail_once();
  EXPECT_TRUE(breaker_.allow(now_));
  EXPECT_EQ(breaker_.retry_after(now_), 0ms);
  fail_once();
  EXPECT_FALSE(breaker_.allow(now_));
  EXPECT_GT(breaker_.retry_after(now_), 0ms);
}

TEST_F(BreakerTest, ASuccessEndsTheRow) {
  fail_once();
  fail_once();
  breaker_.succeeded(breaker_.allow(now_).value());
  fail_once();
  fail_once();
  EXPECT_TRUE(breaker_.allow(now_));
}

TEST_F(BreakerTest, LetsOneProbeThroughAndClosesWhenItSucceeds) {
  open();
  wait();
  auto const probe = breaker_.allow(now_);
  ASSERT_TRUE(probe);
  EXPECT_FALSE(breaker_.allow(now_));
  EXPECT_FALSE(breaker_.allow(now_ + 4999ms));
  breaker_.succeeded(*probe);
  EXPECT_TRUE(breaker_.allow(now_));
  EXPECT_TRUE(breaker_.allow(now_));
  fail_once();  // the row begins anew
  EXPECT_TRUE(breaker_.allow(now_));
}

TEST_F(BreakerTest, PausesGrowToTheBoundAndVary) {
  open();
  std::vector<milliseconds> pauses;
  for (auto const whole : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms, 1000ms, 1000ms}) {
    auto const pause = wait();
    EXPECT_GE(pause, whole / 2);
    EXPECT_LE(pause, whole);
    pauses.push_back(pause);
    fail_once();
  }
  EXPECT_FALSE(std::equal(pauses.end() - 3, pauses.end(), pauses.end() - 4)) << "no chance in the pauses";
}

TEST_F(BreakerTest, TheFirstPauseIsShortAgainAfterARecovery) {
  open();
  for (int i = 0; i < 4; ++i) {
    wait();
    fail_once();
  }
  wait();
  breaker_.succeeded(breaker_.allow(now_).value());
  open();
  EXPECT_LE(wait(), 100ms);
}

TEST_F(BreakerTest, AProbeThatIsNeverHeardOfIsReplaced) {
  open();
  wait();
  auto const lost = breaker_.allow(now_);
  ASSERT_TRUE(lost);
  EXPECT_EQ(breaker_.retry_after(now_), 5s);
  now_ += 5s;
  EXPECT_TRUE(breaker_.allow(now_));
  EXPECT_FALSE(breaker_.allow(now_));
  breaker_.succeeded(*lost);  // late, but it has seen the server answer
  EXPECT_TRUE(breaker_.allow(now_));
}

TEST_F(BreakerTest, WhatWasSentBeforeSaysNothingAboutTheRecovery) {
  auto const slow = breaker_.allow(now_).value();
  auto const slower = breaker_.allow(now_).value();
  open();
  auto const pause = breaker_.retry_after(now_);
  breaker_.succeeded(slow);
  breaker_.failed(slower, now_);
  EXPECT_EQ(breaker_.retry_after(now_), pause);

  wait();
  auto const probe = breaker_.allow(now_).value();
  breaker_.failed(slower, now_);
  EXPECT_EQ(breaker_.retry_after(now_), 5s);
  breaker_.succeeded(probe);
  for (int i = 0; i < 3; ++i) breaker_.failed(slower, now_);
  EXPECT_TRUE(breaker_.allow(now_));
}

TEST_F(BreakerTest, ManyThreadsGetOneProbe) {
  open();
  wait();
  std::atomic<int> allowed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 1000; ++k) allowed += breaker_.allow(now_).has_value();
      });
    }
  }
  EXPECT_EQ(allowed, 1);
}

}  // namespace
}  // namespace balcao::http

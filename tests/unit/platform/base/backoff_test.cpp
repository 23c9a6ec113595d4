#include "platform/runtime/backoff.hpp"

#include <gtest/gtest.h>

namespace balcao {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesWithEveryFailureUpToItsLongest) {
  Backoff backoff(20ms, 400ms);
  for (auto const most : {20ms, 40ms, 80ms, 160ms, 320ms, 400ms, 400ms}) {
    auto const wait = backoff.next();
    EXPECT_GE(wait, most / 2);
    EXPECT_LE(wait, most);
  }
  for (int i = 0; i < 100; ++i) EXPECT_LE(backoff.next(), 400ms);
}

TEST(Backoff, AConnectionThatIsLostAtOnceIsAFailureToo) {
  Backoff backoff(20ms, 400ms);
  for (int i = 0; i < 5; ++i) {
    backoff.connected();
    backoff.next();
  }
  EXPECT_GE(backoff.next(), 200ms);
}

}  // namespace
}  // namespace balcao

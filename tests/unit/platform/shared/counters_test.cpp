#include "platform/shared/memory/counters.hpp"

#include <gtest/gtest.h>

namespace balcao::shared::memory {
namespace {

using namespace std::chrono_literals;

class CountersTest : public testing::Test {
 protected:
  std::int64_t add(std::string const& key, std::int64_t amount = 1) {
    return counters.add(key, amount, 300s, now).value;
  }

  static constexpr std::size_t bound = 1000;
  Time now{100h};
  Counters counters{bound};
};

TEST_F(CountersTest, DoNotForgetALockForMadeUpNames) {
  for (int i = 0; i < 11; ++i) add("login:account:ana");
  now += 1s;
  for (int i = 0; i < 20'000; ++i) add("login:account:nobody-" + std::to_string(i));
  EXPECT_EQ(add("login:account:ana"), 12);
  EXPECT_LE(counters.size(), bound);
}

TEST_F(CountersTest, DoNotForgetALockForNamesThatAreGuessedAtAFewTimes) {
  for (int i = 0; i < 11; ++i) add("login:account:ana");
  for (int i = 0; i < 5'000; ++i) add("login:account:nobody-" + std::to_string(i), 7);
  EXPECT_EQ(add("login:account:ana"), 12);
}

TEST_F(CountersTest, LoseOfTheLowestTheOldest) {
  for (std::size_t i = 0; i < bound; ++i) add("login:account:" + std::to_string(i));
  add("login:account:one-more");
  EXPECT_EQ(add("login:account:1"), 2);
  EXPECT_EQ(add("login:account:0"), 1) << "it had to go";
}

TEST_F(CountersTest, AreBoundedForEachKind) {
  add("login:address:192.0.2.1");
  add("often");
  for (std::size_t i = 0; i < 3 * bound; ++i) add("login:account:" + std::to_string(i));
  EXPECT_EQ(add("login:address:192.0.2.1"), 2);
  EXPECT_EQ(add("often"), 2);
  EXPECT_EQ(counters.size(), bound + 2);
}

TEST_F(CountersTest, GoWhenTheirWindowHasEnded) {
  for (std::size_t i = 0; i < bound; ++i) add("login:account:" + std::to_string(i), 100);
  now += 300s;
  for (std::size_t i = 0; i < bound / 2; ++i) add("login:account:new-" + std::to_string(i));
  EXPECT_EQ(counters.size(), bound / 2) << "two old ones with each new one";
  EXPECT_EQ(add("login:account:new-0"), 2);
}

TEST_F(CountersTest, AreNotMadeByWhatIsTakenBack) {
  EXPECT_EQ(add("login:account:ana", -1), 0);
  EXPECT_EQ(counters.size(), 0U);
}

TEST_F(CountersTest, BeginAgainInTheOrderOfTheirEnds) {
  add("login:account:ana", 5);
  add("login:account:eva", 5);
  now += 300s;
  EXPECT_EQ(add("login:account:ana"), 1);
  now += 1s;
  add("login:account:joe");
  EXPECT_EQ(counters.size(), 2U) << "eva's is over";
  EXPECT_EQ(add("login:account:ana"), 2);
}

TEST_F(CountersTest, HaveAFewKindsHoweverTheirKeysAreMade) {
  for (int i = 0; i < 10'000; ++i) add("kind-" + std::to_string(i) + ":of:key");
  EXPECT_LE(counters.size(), 17 * bound);
}

}  // namespace
}  // namespace balcao::shared::memory

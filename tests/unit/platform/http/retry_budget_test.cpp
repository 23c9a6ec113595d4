#include "platform/http/retry_budget.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace balcao::http {
namespace {

int withdraw_all(RetryBudget& budget) {
  int count = 0;
  while (budget.withdraw()) ++count;
  return count;
}

TEST(RetryBudget, StartsFull) {
  RetryBudget budget({.share = 0.2, .capacity = 10});
  EXPECT_EQ(withdraw_all(budget), 10);
  EXPECT_FALSE(budget.withdraw());
}

TEST(RetryBudget, FirstAttemptsEarnAShareOfARetry) {
  RetryBudget budget({.share = 0.2, .capacity = 10});
  withdraw_all(budget);
  for (int i = 0; i < 4; ++i) budget.deposit();
  EXPECT_FALSE(budget.withdraw());
  budget.deposit();
  EXPECT_TRUE(budget.withdraw());
  EXPECT_FALSE(budget.withdraw());
  for (int i = 0; i < 25; ++i) budget.deposit();
  EXPECT_EQ(withdraw_all(budget), 5);
}

TEST(RetryBudget, SavesNoMoreThanItsCapacity) {
  RetryBudget budget({.share = 0.3, .capacity = 2});
  for (int i = 0; i < 1000; ++i) budget.deposit();
  EXPECT_EQ(withdraw_all(budget), 2);
  for (int i = 0; i < 1000; ++i) budget.deposit();
  EXPECT_EQ(withdraw_all(budget), 2);
}

TEST(RetryBudget, LosesNothingBetweenThreads) {
  RetryBudget budget({.share = 0.1, .capacity = 1'000'000});
  int const saved = withdraw_all(budget);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 10'000; ++k) budget.deposit();
      });
    }
  }
  EXPECT_EQ(saved, 1'000'000);
  EXPECT_EQ(withdraw_all(budget), 4'000);
}

}  // namespace
}  // namespace balcao::http

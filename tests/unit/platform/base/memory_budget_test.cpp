#include "platform/runtime/memory_budget.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace balcao {
namespace {

TEST(MemoryBudget, RefusesWhatItDoesNotHave) {
  MemoryBudget budget(1000);
  MemoryBudget::Share first(budget, "");
  MemoryBudget::Share second(budget, "");
  EXPECT_TRUE(first.resize(700));
  EXPECT_FALSE(second.resize(301));
  EXPECT_EQ(second.bytes(), 0U) << "a refusal changes nothing";
  EXPECT_TRUE(second.resize(300));
  EXPECT_FALSE(second.resize(301));
  EXPECT_TRUE(first.resize(600));
  EXPECT_EQ(second.largest(), 400U);
  EXPECT_EQ(budget.used(), 900U);
}

TEST(MemoryBudget, GivesNoClientMoreThanItsPart) {
  MemoryBudget budget(1000);
  std::vector<MemoryBudget::Share> greedy;
  for (int i = 0; i < 5; ++i) greedy.emplace_back(budget, "192.0.2.1");
  EXPECT_TRUE(greedy[0].resize(100));
  EXPECT_TRUE(greedy[1].resize(150));
  EXPECT_FALSE(greedy[2].resize(1));
  MemoryBudget::Share other(budget, "192.0.2.2");
  EXPECT_TRUE(other.resize(250));
  EXPECT_EQ(other.largest(), 250U);
}

TEST(MemoryBudget, GetsBackWhatAShareHeld) {
  MemoryBudget budget(1000);
  {
    MemoryBudget::Share share(budget, "a");
    EXPECT_TRUE(share.resize(200));
    MemoryBudget::Share moved(std::move(share));
    EXPECT_EQ(moved.bytes(), 200U);
    EXPECT_EQ(budget.used(), 200U);
    moved = MemoryBudget::Share(budget, "b");
    EXPECT_EQ(budget.used(), 0U);
    EXPECT_TRUE(moved.resize(250));
  }
  EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace balcao

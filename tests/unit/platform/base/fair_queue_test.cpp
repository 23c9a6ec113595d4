#include "platform/runtime/fair_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace balcao {
namespace {

using namespace std::chrono_literals;
using Urgency = WorkShare::Urgency;

/// A queue of named jobs.
class FairQueueTest : public testing::Test {
 protected:
  void push(std::string name, WorkShare share) {
    auto job = [this, name](FairQueue::Verdict verdict) {
      (verdict == FairQueue::Verdict::run ? done : refused).push_back(name);
    };
    auto out = queue.push(std::move(share), std::move(job), now);
    if (out) (*out)(FairQueue::Verdict::refused);
  }

  void take() {
    auto next = queue.take(now);
    if (next) next->job(next->verdict);
  }
  void take_all() {
    while (!queue.empty()) take();
  }

  FairQueue::Clock::time_point now{};
  FairQueue queue{4, 30s};
  std::vector<std::string> done;
  std::vector<std::string> refused;
};

using Names = std::vector<std::string>;

TEST_F(FairQueueTest, KeepsTheOrderOfOneSubject) {
  for (auto const* name : {"1", "2", "3"}) push(name, {});
  take_all();
  EXPECT_EQ(done, (Names{"1", "2", "3"}));
}

TEST_F(FairQueueTest, LetsClientsTakeTurns) {
  for (auto const* name : {"a1", "a2", "a3"}) push(name, {Urgency::normal, "a", {}});
  push("b1", {Urgency::normal, "b", {}});
  take_all();
  EXPECT_EQ(done, (Names{"a1", "b1", "a2", "a3"}));
}

TEST_F(FairQueueTest, LetsTheSubjectsOfAClientTakeTurns) {
  push("a1", {Urgency::normal, "a", "x"});
  push("a2", {Urgency::normal, "a", "x"});
  push("a3", {Urgency::normal, "a", "y"});
  take_all();
  EXPECT_EQ(done, (Names{"a1", "a3", "a2"}));
}

TEST_F(FairQueueTest, GivesThePlaceOfTheGreediestToWhoHasLess) {
  for (auto const* name : {"a1", "a2", "a3", "a4"}) push(name, {Urgency::normal, "a", {}});
  push("b1", {Urgency::normal, "b", {}});
  EXPECT_EQ(refused, (Names{"a4"})) << "the newest: what has waited longest is not lost";
  push("a5", {Urgency::normal, "a", {}});
  EXPECT_EQ(refused, (Names{"a4", "a5"}));
  push("b2", {Urgency::normal, "b", {}});
  EXPECT_EQ(refused, (Names{"a4", "a5", "a3"}));
  push("b3", {Urgency::normal, "b", {}});
  EXPECT_EQ(refused.back(), "b3") << "each has as many as the other";
  take_all();
  EXPECT_EQ(done, (Names{"a1", "b1", "a2", "b2"}));
}

TEST_F(FairQueueTest, GivesThePlaceOfAClientsGreediestSubjectToAnother) {
  for (auto const* name : {"x1", "x2", "x3"}) push(name, {Urgency::normal, "a", "x"});
  push("y1", {Urgency::normal, "a", "y"});
  push("z1", {Urgency::normal, "a", "z"});
  EXPECT_EQ(refused, (Names{"x3"}));
  push("y2", {Urgency::normal, "a", "y"});
  EXPECT_EQ(refused, (Names{"x3", "y2"}));
}

TEST_F(FairQueueTest, RefusesANewcomerWhereEveryoneHasOnePlace) {
  for (auto const* name : {"a", "b", "c", "d", "e"}) push(name, {Urgency::normal, name, {}});
  EXPECT_EQ(refused, (Names{"e"}));
}

TEST_F(FairQueueTest, KeepsPlacesForEachUrgency) {
  for (auto const* name : {"r1", "r2", "r3", "r4", "r5"}) push(name, {Urgency::last, name, {}});
  push("login", {Urgency::normal, "a", {}});
  push("known", {Urgency::first, "b", {}});
  EXPECT_EQ(refused, (Names{"r5"}));
  take_all();
  EXPECT_EQ(done, (Names{"known", "login", "r1", "r2", "r3", "r4"}));
}

TEST_F(FairQueueTest, LetsALessUrgentOneThroughNowAndThen) {
  push("r1", {Urgency::last, "r", {}});
  push("r2", {Urgency::last, "r", {}});
  for (int i = 0; i < 11; ++i) {
    push("login", {Urgency::normal, "a", {}});
    take();
  }
  take_all();
  Names expected(13, "login");
  expected[4] = "r1";
  expected[9] = "r2";
  EXPECT_EQ(done, expected);
}

TEST_F(FairQueueTest, RefusesWhatHasWaitedForTooLong) {
  push("late", {});
  now += 20s;
  push("in time", {});
  now += 11s;
  take_all();
  EXPECT_EQ(refused, (Names{"late"}));
  EXPECT_EQ(done, (Names{"in time"}));
}

TEST_F(FairQueueTest, HasNoPlaceAtAllWithALimitOfNothing) {
  FairQueue none(0, 30s);
  EXPECT_TRUE(none.push({}, [](FairQueue::Verdict) {}, now));
  EXPECT_FALSE(none.take(now));
}

}  // namespace
}  // namespace balcao

// Several processes on one Redis, and what becomes of them when Redis does not keep up.
#include <gtest/gtest.h>

#include <chrono>

#include "member.hpp"
#include "platform/shared/redis/redis.hpp"
#include "redis_server.hpp"

namespace balcao::shared::test {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

/// On a machine under load, too: the promise is 500 ms.
constexpr milliseconds soon{500};

Member::Maker on(RedisServer const& server, redis::Options options = {}) {
  options.url = server.url();
  return [options](Loops& loops) { return redis::make(options, loops, system_clock()); };
}

bool becomes_current(Member& member) {
  return wait_until([&] { return member->current(); });
}

bool counts_together(Member& member) {
  return wait_until([&] { return !member.count("probe", 1).local; });
}

TEST(RedisFleet, CountsExactlyTogether) {
  RedisServer const server;
  Member one(on(server));
  Member two(on(server));
  std::vector<std::future<Outcome<Count>>> counting;
  for (int i = 0; i < 200; ++i) {
    for (Member* member : {&one, &two}) {
      counting.push_back(member->begin((*member)->count("key", 1, std::chrono::seconds(60)), std::size_t(i) % 2));
    }
  }
  std::vector<std::int64_t> values;
  for (auto& each : counting) {
    auto const count = each.get().value();
    EXPECT_FALSE(count.local);
    values.push_back(count.value);
  }
  std::ranges::sort(values);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], std::int64_t(i) + 1);
}

TEST(RedisFleet, TellsEveryProcess) {
  RedisServer const server;
  Ear ear_one;
  Ear ear_two;
  Member one(on(server));
  Member two(on(server));
  ear_one.listen(*one, "news");
  ear_two.listen(*two, "news");
  ASSERT_TRUE(wait_until([&] { return ear_one.resumed() == 1 && ear_two.resumed() == 1; }));
  ASSERT_TRUE(one.publish("news", "from one"));
  ASSERT_TRUE(two.publish("news", "from two"));
  ASSERT_TRUE(wait_until([&] { return ear_one.heard().size() == 2 && ear_two.heard().size() == 2; }));
  EXPECT_TRUE(becomes_current(one));
  EXPECT_TRUE(becomes_current(two));
}

TEST(RedisFleet, LivesThroughTheDeathOfRedis) {
  RedisServer server;
  Ear ear;
  Member member(on(server));
  ear.listen(*member, "news");
  ASSERT_TRUE(becomes_current(member));
  EXPECT_EQ(member.count("key", 5).value, 5);

  server.kill();
  EXPECT_TRUE(wait_until([&] { return !member->current(); }, soon));
  auto const alone = member.count("key", 1);
  EXPECT_TRUE(alone.local);
  EXPECT_EQ(alone.value, 1);
  EXPECT_EQ(member.count("key", 1).value, 2);
  auto const told = member.publish("news", "nobody hears it");
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().status, 503);
  auto const answered = member.ping();
  ASSERT_FALSE(answered);
  EXPECT_TRUE(answered.error().what.contains("Redis: ")) << answered.error().what;
  EXPECT_EQ(ear.resumed(), 1);

  server.start();
  EXPECT_TRUE(wait_until([&] { return ear.resumed() == 2; }));
  EXPECT_TRUE(becomes_current(member));
  EXPECT_TRUE(counts_together(member));
  ASSERT_TRUE(member.publish("news", "again"));
  ASSERT_TRUE(wait_until([&] { return !ear.heard().empty(); }));
  EXPECT_EQ(ear.heard(), std::vector<std::string>{"again"});
}

TEST(RedisFleet, StartsBeforeRedisDoes) {
  RedisServer server;
  server.kill();
  Ear ear;
  Member member(on(server));
  ear.listen(*member, "news");
  EXPECT_TRUE(member.count("key", 1).local);
  EXPECT_FALSE(member->current());
  server.start();
  EXPECT_TRUE(becomes_current(member));
  EXPECT_EQ(ear.resumed(), 1);
  EXPECT_TRUE(counts_together(member));
}

TEST(RedisFleet, NoticesARedisThatIsSilent) {
  RedisServer server;
  Ear ear;
  Member member(on(server));
  ear.listen(*member, "news");
  ASSERT_TRUE(becomes_current(member));
  ASSERT_TRUE(counts_together(member));

  server.freeze();
  EXPECT_TRUE(wait_until([&] { return !member->current(); }, soon));
  EXPECT_TRUE(member.count("key", 1).local);
  server.thaw();
  EXPECT_TRUE(becomes_current(member));
  EXPECT_TRUE(counts_together(member));
}

TEST(RedisFleet, WaitsForASlowRedisUntilTheDeadlineAndNotAgain) {
  RedisServer server;
  Member member(on(server, {.deadline = milliseconds(100)}));
  ASSERT_TRUE(counts_together(member));

  ASSERT_EQ(server.ask({"CLIENT", "PAUSE", "2000", "ALL"}).text, "OK");
  auto const begun = Steady::now();
  EXPECT_TRUE(member.count("key", 1).local);
  EXPECT_GE(Steady::now() - begun, milliseconds(99));
  EXPECT_LT(Steady::now() - begun, milliseconds(1500));
  auto const known = Steady::now();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(member.count("key", 1).local);
  EXPECT_LT(Steady::now() - known, milliseconds(100));
  EXPECT_TRUE(counts_together(member));
}

TEST(RedisFleet, RefusesWhatIsTooMuchToWait) {
  RedisServer server;
  Member member(on(server, {.deadline = std::chrono::seconds(5), .in_flight = 4}));
  ASSERT_TRUE(counts_together(member));
  server.freeze();
  std::vector<std::future<Outcome<Count>>> counting;
  for (int i = 0; i < 5; ++i) counting.push_back(member.begin(member->count("key", 1, std::chrono::seconds(60))));
  auto const refused = counting.back().get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 503);
  counting.pop_back();
  server.thaw();
  for (auto& each : counting) EXPECT_TRUE(each.get());
}

TEST(RedisFleet, ResumesAfterAGapThatRedisMade) {
  RedisServer server;
  Ear ear;
  Member member(on(server));
  ear.listen(*member, "news");
  ASSERT_TRUE(becomes_current(member));
  ASSERT_EQ(server.ask({"CLIENT", "KILL", "TYPE", "pubsub"}).integer, 1);
  ASSERT_TRUE(wait_until([&] { return ear.resumed() == 2; }));
  EXPECT_TRUE(becomes_current(member));
  ASSERT_TRUE(member.publish("news", "after"));
  ASSERT_TRUE(wait_until([&] { return !ear.heard().empty(); }));
  EXPECT_EQ(ear.heard(), std::vector<std::string>{"after"});
}

TEST(RedisFleet, SendsWhatComesInTheMomentOfALossToTheNextConnection) {
  RedisServer server;
  Member member(on(server, {.deadline = std::chrono::seconds(5)}));
  ASSERT_TRUE(counts_together(member));
  ASSERT_GE(server.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}).integer, 1);
  EXPECT_TRUE(counts_together(member));
}

TEST(RedisFleet, CountsLocallyWhereRedisMayNotWriteAndLooksForThePrimary) {
  RedisServer server;
  Member member(on(server));
  ASSERT_TRUE(counts_together(member));
  ASSERT_EQ(server.ask({"REPLICAOF", "127.0.0.1", "1"}).text, "OK");
  EXPECT_TRUE(member.count("key", 1).local);
  ASSERT_EQ(server.ask({"REPLICAOF", "NO", "ONE"}).text, "OK");
  EXPECT_TRUE(counts_together(member));
}

}  // namespace
}  // namespace balcao::shared::test

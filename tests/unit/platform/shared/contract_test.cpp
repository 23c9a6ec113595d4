// What every shared state promises, whatever is behind it.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/post.hpp>

#include "member.hpp"
#include "platform/shared/memory/memory.hpp"
#include "platform/shared/redis/redis.hpp"
#include "redis_server.hpp"

namespace balcao::shared::test {
namespace {

enum class Engine { memory, redis };

class SharedStates : public testing::TestWithParam<Engine> {
 protected:
  Member::Maker maker() {
    if (GetParam() == Engine::memory) return [](Loops& loops) { return memory::make(system_clock(), loops); };
    if (!server_) server_.emplace();
    return [this](Loops& loops) { return redis::make({server_->url()}, loops, system_clock()); };
  }
  /// Until then Redis counts as well, but commands may have to wait for its connection.
  static bool is_ready(Member& member) {
    return wait_until([&] { return member->current(); });
  }

 private:
  std::optional<RedisServer> server_;
};

INSTANTIATE_TEST_SUITE_P(Engines, SharedStates, testing::Values(Engine::memory, Engine::redis),
                         [](auto const& engine) { return engine.param == Engine::memory ? "memory" : "redis"; });

TEST_P(SharedStates, AnswerPing) {
  Member member(maker());
  EXPECT_TRUE(member.ping());
}

TEST_P(SharedStates, CountWithinAWindowAndNeverBelowNothing) {
  Member member(maker());
  auto const before = system_clock().now();
  auto const first = member.count("a", 2);
  EXPECT_EQ(first.value, 2);
  EXPECT_FALSE(first.local);
  EXPECT_GE(first.window_end, before + std::chrono::seconds(59));
  EXPECT_LE(first.window_end, system_clock().now() + std::chrono::seconds(60));
  EXPECT_EQ(member.count("a", 1).value, 3);
  EXPECT_EQ(member.count("b", 1).value, 1);
  EXPECT_EQ(member.count("a", -1).value, 2);
  EXPECT_EQ(member.count("a", -5).value, 0);
  EXPECT_EQ(member.count("a", 1).value, 1);
  EXPECT_EQ(member.count("c", -1).value, 0);
}

TEST_P(SharedStates, BeginAgainWhenTheWindowHasEnded) {
  Member member(maker());
  auto const begun = system_clock().now();
  member.count("a", 5, std::chrono::seconds(1));
  ASSERT_TRUE(wait_until([&] { return member.count("a", 1, std::chrono::seconds(1)).value == 1; }));
  EXPECT_GE(system_clock().now(), begun + std::chrono::milliseconds(995));  // Redis keeps time in milliseconds
}

Task<> count_often(SharedState& state, int times, std::atomic<std::int64_t>& highest) {
  for (int i = 0; i < times; ++i) {
    auto const value = (co_await state.count("often", 1, std::chrono::seconds(60))).value;
    auto seen = highest.load();
    while (seen < value && !highest.compare_exchange_weak(seen, value)) {
    }
  }
}

TEST_P(SharedStates, CountExactlyFromSeveralLoopsAtOnce) {
  Member member(maker());
  std::atomic<std::int64_t> highest = 0;
  std::vector<std::future<Outcome<>>> counting;
  for (std::size_t i = 0; i < 8; ++i) counting.push_back(member.begin(count_often(*member, 250, highest), i % 2));
  for (auto& each : counting) EXPECT_TRUE(each.get());
  EXPECT_EQ(highest, 2000);
}

TEST_P(SharedStates, TellSubscribersInOrderOnOneLoop) {
  Ear ear;
  Ear other;
  Member member(maker());
  ear.listen(*member, "news");
  other.listen(*member, "other");
  ASSERT_TRUE(wait_until([&] { return ear.resumed() == 1 && other.resumed() == 1; }));
  ASSERT_TRUE(is_ready(member));

  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back("message " + std::to_string(i) + std::string("\0\r\n", 3));
    ASSERT_TRUE(member.publish("news", sent.back()));
  }
  ASSERT_TRUE(wait_until([&] { return ear.heard().size() == sent.size(); }));
  EXPECT_EQ(ear.heard(), sent);
  EXPECT_TRUE(other.heard().empty());
  EXPECT_EQ(ear.resumed(), 1);
  EXPECT_TRUE(member->current());

  std::promise<std::thread::id> first_loop;
  boost::asio::post(member.loop(0), [&] { first_loop.set_value(std::this_thread::get_id()); });
  EXPECT_EQ(ear.thread(), first_loop.get_future().get());
}

TEST_P(SharedStates, LetSeveralListenToOneChannelAndJoinLate) {
  Ear early;
  Ear late;
  Member member(maker());
  early.listen(*member, "news");
  ASSERT_TRUE(wait_until([&] { return early.resumed() == 1; }));
  ASSERT_TRUE(member.publish("news", "one"));
  ASSERT_TRUE(wait_until([&] { return early.heard().size() == 1; }));

  late.listen(*member, "news");
  ASSERT_TRUE(wait_until([&] { return late.resumed() == 1; }));
  ASSERT_TRUE(member.publish("news", "two"));
  ASSERT_TRUE(wait_until([&] { return late.heard().size() == 1 && early.heard().size() == 2; }));
  EXPECT_EQ(early.resumed(), 1);
}

TEST_P(SharedStates, CallResumedAgainForWhatASubscriberCouldNotTake) {
  std::atomic<int> resumed = 0;
  Member member(maker());
  auto const subscription =
      member->subscribe("news", [](std::string_view) { throw std::runtime_error("no room"); }, [&] { ++resumed; });
  ASSERT_TRUE(wait_until([&] { return resumed == 1; }));
  ASSERT_TRUE(member.publish("news", "one"));
  EXPECT_TRUE(wait_until([&] { return resumed == 2; }));
  EXPECT_TRUE(is_ready(member));
}

TEST_P(SharedStates, TellNothingToASubscriberThatHasEnded) {
  Ear staying;
  auto leaving = std::make_unique<Ear>();
  auto const* const gone = leaving.get();
  std::atomic<int> heard_after_the_end = 0;
  Member member(maker());
  staying.listen(*member, "news");
  leaving->listen(*member, "news");
  std::optional ended(member->subscribe("news", [&](std::string_view) { ++heard_after_the_end; }, [] {}));
  ASSERT_TRUE(wait_until([&] { return staying.resumed() == 1 && gone->resumed() == 1; }));
  ASSERT_TRUE(is_ready(member));

  // The loop stands still, so that the message is on its way when the subscriptions end.
  std::promise<void> standing;
  std::promise<void> go_on;
  boost::asio::post(member.loop(0), [&] {
    standing.set_value();
    go_on.get_future().wait();
  });
  standing.get_future().wait();
  ASSERT_TRUE(member.publish("news", "one"));
  leaving.reset();
  ended.reset();
  go_on.set_value();
  ASSERT_TRUE(wait_until([&] { return staying.heard().size() == 1; }));
  ASSERT_TRUE(member.publish("news", "two"));
  ASSERT_TRUE(wait_until([&] { return staying.heard().size() == 2; }));
  EXPECT_EQ(heard_after_the_end, 0);
  EXPECT_TRUE(is_ready(member));
}

TEST_P(SharedStates, WaitAtTheEndForAFunctionThatRuns) {
  std::atomic<bool> begun = false;
  std::atomic<bool> ending = false;
  std::atomic<bool> finished = false;
  Member member(maker());
  std::optional subscription(member->subscribe(
      "news",
      [&](std::string_view) {
        begun = true;
        wait_until([&] { return ending.load(); });
        for (int i = 0; i < 1000; ++i) std::this_thread::yield();
        finished = true;
      },
      [] {}));
  ASSERT_TRUE(is_ready(member));
  ASSERT_TRUE(member.publish("news", "one"));
  ASSERT_TRUE(wait_until([&] { return begun.load(); }));
  ending = true;
  subscription.reset();
  EXPECT_TRUE(finished);
}

TEST_P(SharedStates, LetASubscriberEndItsSubscriptionItself) {
  std::atomic<int> heard = 0;
  Ear other;
  Member member(maker());
  std::optional<Subscription> subscription;
  std::optional once(member->subscribe(
      "news",
      [&](std::string_view) {
        ++heard;
        subscription.reset();
      },
      [] {}));
  subscription.emplace(std::move(*once));
  other.listen(*member, "news");
  ASSERT_TRUE(wait_until([&] { return other.resumed() == 1; }));
  ASSERT_TRUE(is_ready(member));
  for (auto const* message : {"one", "two"}) ASSERT_TRUE(member.publish("news", message));
  ASSERT_TRUE(wait_until([&] { return other.heard().size() == 2; }));
  EXPECT_EQ(heard, 1);
}

TEST_P(SharedStates, StayCurrentWhenSubscriptionsEndAtAnyMoment) {
  Ear ear;
  Member member(maker());
  ear.listen(*member, "news");
  for (int i = 0; i < 50; ++i) {
    auto const brief = member->subscribe(i % 2 ? "news" : "other", [](std::string_view) {}, [] {});
    if (i % 3 == 0) ASSERT_TRUE(is_ready(member));
  }
  ASSERT_TRUE(is_ready(member));
  ASSERT_TRUE(member.publish("news", "one"));
  EXPECT_TRUE(wait_until([&] { return ear.heard().size() == 1; }));
}

TEST_P(SharedStates, RefuseMessagesThatAreTooLarge) {
  Member member(maker());
  EXPECT_TRUE(member.publish("news", std::string(max_message_bytes, 'x')));
  EXPECT_FALSE(member.publish("news", std::string(max_message_bytes + 1, 'x')));
}

}  // namespace
}  // namespace balcao::shared::test

// Callers who share a connection, and one that does not hold.
#include "platform/shared/redis/pipeline.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>

#include "member.hpp"
#include "platform/shared/redis/redis.hpp"
#include "redis_server.hpp"
#include "scripted_redis.hpp"

namespace balcao::shared::test {
namespace {

using namespace std::chrono_literals;
using Manner = ScriptedRedis::Manner;

Member::Maker at(std::string url, std::chrono::milliseconds deadline) {
  return [options = redis::Options{.url = std::move(url), .deadline = deadline}](Loops& loops) {
    return redis::make(options, loops, system_clock());
  };
}

TEST(RedisPipeline, ACancelledCallerLosesNothingOfTheOthers) {
  ScriptedRedis server(Manner::counts_when_told);
  Member member(at(server.url(), 30s));
  boost::asio::cancellation_signal cancel;
  std::promise<void> cancelled;
  boost::asio::co_spawn(member.loop(1), caught(member->count("key", 1, 60s)),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](std::exception_ptr const&, auto const&) { cancelled.set_value(); }));
  ASSERT_TRUE(wait_until([&] { return server.asked() == 1; }));
  auto other = member.begin(member->count("key", 1, 60s));
  ASSERT_TRUE(wait_until([&] { return server.asked() == 2; }));
  boost::asio::post(member.loop(1), [&] { cancel.emit(boost::asio::cancellation_type::all); });
  cancelled.get_future().wait();
  server.answer();
  server.answer();
  auto const count = other.get().value();
  EXPECT_FALSE(count.local);
  EXPECT_EQ(count.value, 7);
}

TEST(RedisPipeline, ACallerWhoseDeadlinePassesLosesNothingOfTheOthers) {
  ScriptedRedis server(Manner::counts_when_told);
  Member member(at(server.url(), 2s));
  auto first = member.begin(member->count("key", 1, 60s));
  ASSERT_TRUE(wait_until([&] { return server.asked() == 1; }));
  auto late = member.begin(member->count("key", 1, 60s));
  ASSERT_TRUE(wait_until([&] { return server.asked() == 2; }));
  server.answer();
  ASSERT_FALSE(first.get().value().local);
  std::this_thread::sleep_for(1s);  // so that the third one's deadline is later than the second one's
  auto last = member.begin(member->count("key", 1, 60s));
  EXPECT_TRUE(late.get().value().local) << "it is late";
  server.answer();
  server.answer();
  EXPECT_FALSE(last.get().value().local) << "answered in time, on the same connection";
}

TEST(RedisPipeline, AConnectionThatAnswersNobodyIsGivenUp) {
  ScriptedRedis server(Manner::counts_when_told);
  Member member(at(server.url(), 100ms));
  EXPECT_TRUE(wait_until([&] { return member.ping().has_value(); }));
  auto const before = server.accepted();
  EXPECT_TRUE(member.count("key", 1).local);
  EXPECT_TRUE(wait_until([&] { return server.accepted() > before; }));
}

TEST(RedisPipeline, AServerThatEndsEachConnectionAtOnceIsTriedAFewTimesASecond) {
  ScriptedRedis const server(Manner::ends_at_once);
  Member member(at(server.url(), 250ms));
  std::this_thread::sleep_for(1500ms);  // what is measured is a rate
  EXPECT_GE(server.accepted(), 3);
  EXPECT_LE(server.accepted(), 60) << "of three connections, in 1.5 s";
}

}  // namespace
}  // namespace balcao::shared::test

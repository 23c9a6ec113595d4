// Signing in, TLS, and that a password stays a secret.
#include <gtest/gtest.h>

#include "member.hpp"
#include "platform/shared/redis/redis.hpp"
#include "redis_server.hpp"

namespace balcao::shared::test {
namespace {

/// The least that Balcão needs; docs for operators say the same.
std::vector<std::string> const least_rights = {"--user",   "default",  "off",       "--user",     "balcao",
                                               "on",       ">hunter2", "~balcao:*", "&balcao:*",  "-@all",
                                               "+hello",   "+ping",    "+eval",     "+incrby",    "+pttl",
                                               "+pexpire", "+set",     "+publish",  "+subscribe", "+client|setname"};

Member::Maker at(std::string url, std::string ca_file = {}) {
  return [options = redis::Options{std::move(url), std::move(ca_file)}](Loops& loops) {
    return redis::make(options, loops, system_clock());
  };
}

/// Why it cannot be used, once an attempt to connect has failed.
std::string fault_of(Member& member) {
  std::string text;
  wait_until([&] {
    auto const answered = member.ping();
    text = answered ? "none" : answered.error().what;
    return !text.contains("not connected");
  });
  return text;
}

/// Counts, publishes and hears what is published.
void expect_all_works(Member::Maker const& make) {
  Ear ear;
  Member member(make);
  ear.listen(*member, "news");
  ASSERT_TRUE(wait_until([&] { return member->current(); })) << fault_of(member);
  EXPECT_TRUE(wait_until([&] { return !member.count("key", -1).local; }));
  EXPECT_EQ(member.count("key", 1).value, 1);
  ASSERT_TRUE(member.publish("news", "hello"));
  EXPECT_TRUE(wait_until([&] { return ear.heard().size() == 1; }));
}

TEST(RedisAccess, TakesThePasswordOfTheAddress) {
  RedisServer const server({"--requirepass", "hunter2"});
  expect_all_works(at(server.url(":hunter2@")));
}

TEST(RedisAccess, NeedsNoMoreRightsThanDocumented) {
  RedisServer const server(least_rights);
  expect_all_works(at(server.url("balcao:hunter2@")));
}

TEST(RedisAccess, UsesTheDatabaseOfTheAddress) {
  RedisServer server;
  expect_all_works(at(server.url() + "/3"));
  EXPECT_TRUE(server.ask({"INFO", "keyspace"}).text.contains("db3:keys=1"));
}

TEST(RedisAccess, SaysWhyItIsRefusedButNeverThePassword) {
  struct Refusal {
    std::vector<std::string> options;
    std::string login;
    std::string why;
  };
  testing::internal::CaptureStderr();
  for (auto const& [options, login, why] : std::vector<Refusal>{
           {{"--requirepass", "another"}, ":hunter2@", "refused (WRONGPASS) by 127.0.0.1"},
           {{"--requirepass", "another"}, "nobody:hunter2@", "refused (WRONGPASS) by 127.0.0.1"},
           {{"--requirepass", "another"}, "", "refused (NOAUTH) by 127.0.0.1"},
           // It answers: unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'hunter2'
           {{"--rename-command", "HELLO", "GOODBYE"}, ":hunter2@", "refused (ERR) by 127.0.0.1"}}) {
    RedisServer const server(options);
    Member member(at(server.url(login)));
    auto const fault = fault_of(member);
    EXPECT_TRUE(fault.contains(why)) << fault;
    EXPECT_TRUE(member.count("key", 1).local);
    EXPECT_FALSE(member->current());
  }
  auto const logged = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(logged.contains("Redis is away")) << logged;
  EXPECT_TRUE(logged.contains("counting locally")) << logged;
  EXPECT_FALSE(logged.contains("hunter2")) << logged;
}

TEST(RedisAccess, SpeaksTlsWithAServerThatItCanTrust) {
  RedisServer const server({"--requirepass", "hunter2"}, true);
  expect_all_works(at(server.url(":hunter2@"), server.certificate()));
}

TEST(RedisAccess, TellsNothingToAServerThatItCannotTrust) {
  RedisServer const server({}, true);
  Member stranger(at(server.url()));
  EXPECT_TRUE(fault_of(stranger).contains("no TLS with")) << fault_of(stranger);

  auto const other_name = "rediss://localhost:" + std::to_string(server.port());
  Member misled(at(other_name, server.certificate()));
  EXPECT_TRUE(fault_of(misled).contains("no TLS with")) << fault_of(misled);
  EXPECT_FALSE(misled->current());
}

TEST(RedisAccess, DoesNotMistakeAnotherServerForRedis) {
  RedisServer const encrypted({}, true);
  auto const plain = "redis://127.0.0.1:" + std::to_string(encrypted.port());
  Member member(at(plain));
  auto const fault = fault_of(member);
  EXPECT_TRUE(fault.contains("lost") || fault.contains("cannot understand")) << fault;
}

}  // namespace
}  // namespace balcao::shared::test

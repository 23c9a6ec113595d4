#include "platform/shared/redis/link.hpp"

#include <condition_variable>
#include <mutex>

#include "../base/tasks.hpp"

namespace balcao::shared::redis {
namespace {

using namespace std::chrono_literals;

using RedisLinkTest = balcao::test::LoopsTest;

TEST_F(RedisLinkTest, ANameThatIsNotResolvedInTimeEndsTheAttempt) {
  struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
  };
  auto const gate = std::make_shared<Gate>();
  network::Resolver resolver({.look_up = [gate](std::string const&) -> network::Addresses {
    std::unique_lock lock(gate->mutex);
    gate->changed.wait(lock, [&] { return gate->open; });
    return {};
  }});
  auto server = std::make_shared<Server>(parse_server("redis://redis.example"));
  server->connect_deadline = 50ms;
  server->resolver = &resolver;
  auto const started = std::chrono::steady_clock::now();
  try {
    run(Link::open(server));
    FAIL() << "nobody answers";
  } catch (LinkError const& error) {
    EXPECT_STREQ(error.what(), "cannot resolve redis.example:6379: it was not resolved in time");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
  std::lock_guard const lock(gate->mutex);
  gate->open = true;
  gate->changed.notify_all();
}

}  // namespace
}  // namespace balcao::shared::redis

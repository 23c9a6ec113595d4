#include "platform/db/postgres/connecting.hpp"

#include <condition_variable>
#include <mutex>

#include "../base/tasks.hpp"

namespace balcao::db::postgres {
namespace {

using namespace std::chrono_literals;

/// A name server that is silent until the test ends.
struct SilentNameServer {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;

  network::Addresses look_up() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return over; });
    return {};
  }
  void end() {
    std::lock_guard const lock(mutex);
    over = true;
    changed.notify_all();
  }
};

using ConnectingTest = balcao::test::LoopsTest;

TEST_F(ConnectingTest, ANameThatIsNotResolvedInTimeIsPassedOver) {
  auto const silent = std::make_shared<SilentNameServer>();
  network::Resolver resolver({.look_up = [silent](std::string const&) { return silent->look_up(); }});
  Address const address("postgres://nobody@db.example:1,127.0.0.1:1/nothing");
  auto const started = std::chrono::steady_clock::now();
  try {
    run(connect(address, 50ms, resolver));
    FAIL() << "nobody listens";
  } catch (CannotConnect const& failure) {
    std::string_view const reasons = failure.what();
    EXPECT_TRUE(
        reasons.starts_with("db.example: its name cannot be resolved: it was not resolved in time; 127.0.0.1: "))
        << reasons;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
  silent->end();
}

}  // namespace
}  // namespace balcao::db::postgres

#include "platform/jobs/due_rows.hpp"

#include <boost/asio/detached.hpp>

#include "database_fixture.hpp"

namespace balcao::jobs {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::string_view orders_table = R"(
CREATE TABLE shop.orders (
  id           uuid PRIMARY KEY,
  name         text NOT NULL,
  due_at       timestamptz,
  tries        bigint NOT NULL,
  leased_until timestamptz,
  deaths       bigint NOT NULL DEFAULT 0,
  set_aside_at timestamptz
))";

class DueRowsTest : public test::DatabaseTest {
 protected:
  DueRowsTest() {
    if (test::Engine::is_postgres()) run(database->execute_script("CREATE SCHEMA shop"));
    run(database->execute_script(std::string(orders_table)));
  }

  static DueTable table() {
    return {.name = "shop.orders", .kind = "order", .due = "due_at", .columns = "id, name", .counts = "tries"};
  }
  void add(std::string name) {
    static constexpr db::Statement insert{"insert",
                                          "INSERT INTO shop.orders (id, name, due_at, tries) VALUES ($1, $2, $3, 0)"};
    run(database->query(insert, Uuid::make(clock.now()), name, clock.now()));
  }
  static Task<> finish(db::Database& where, std::string name) {
    static constexpr db::Statement done{"done", "UPDATE shop.orders SET due_at = NULL WHERE name = $1"};
    co_await where.query(done, name);
  }
  std::int64_t count(std::string_view condition) {
    std::string const sql = "SELECT count(*) FROM shop.orders WHERE " + std::string(condition);
    db::Statement const statement{"count", sql};
    return run(database->query(statement)).front().get<std::int64_t>(0);
  }

  /// A process that is killed once `guilty` has been begun; the rows before it come to their end.
  void run_and_die_of_the_guilty() {
    Loops loops_of_it{1};
    auto const own = engine.open("shop", loops_of_it);
    DueRows dying(*own, table());
    bool begun = false;
    auto const work = [&](db::Rows rows) -> Task<> {
      for (auto const& row : rows) begun |= row.get<std::string>(1) == "guilty";
      if (begun) {
        asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        co_await never.async_wait(asio::use_awaitable);
      }
      for (auto const& row : rows) co_await finish(*own, row.get<std::string>(1));
    };
    auto const rounds = [&]() -> Task<> {
      for (;;) co_await dying.process(clock, 1min, 8, work);
    };
    asio::co_spawn(loops_of_it[0], rounds(), asio::detached);
    while (!begun) loops_of_it[0].run_one();
  }

  test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("shop");
};

TEST_F(DueRowsTest, OneThatKillsItsProcessIsSetAsideAndTheOthersComeToTheirEnd) {
  for (int i = 0; i < 5; ++i) add("innocent " + std::to_string(i));
  add("guilty");
  for (int death = 0; death < max_deaths; ++death) {
    run_and_die_of_the_guilty();
    clock.advance(61s);
  }
  std::vector<std::string> seen;
  DueRows rows(*database, table());
  auto const work = [&](db::Rows taken) -> Task<> {
    for (auto const& row : taken) {
      seen.push_back(row.get<std::string>(1));
      co_await finish(*database, seen.back());
    }
  };
  for (int i = 0; i < 10; ++i) run(rows.process(clock, 1min, 8, work));
  EXPECT_EQ(std::ranges::count(seen, "guilty"), 0);
  EXPECT_EQ(run(rows.count_set_aside()).count, 1);
  EXPECT_EQ(count("due_at IS NULL"), 5) << "the innocent ones";

  clock.advance(24h + 1s);
  run(rows.process(clock, 1min, 8, work));
  EXPECT_EQ(std::ranges::count(seen, "guilty"), 1) << "the program may be mended by now";
  EXPECT_EQ(run(rows.count_set_aside()).count, 0);
}

TEST_F(DueRowsTest, WorkThatFailsIsNoDeath) {
  add("a");
  DueRows rows(*database, table());
  int attempts = 0;
  for (int i = 0; i < 2 * max_deaths; ++i) {
    run(rows.process(clock, 1min, 8, [&](db::Rows) -> Task<> {
      ++attempts;
      throw std::runtime_error("the gateway is away");
      co_return;
    }));
    clock.advance(61s);
  }
  EXPECT_EQ(attempts, 2 * max_deaths);
  EXPECT_EQ(count("deaths = 0 AND leased_until IS NULL AND set_aside_at IS NULL"), 1);
}

TEST_F(DueRowsTest, WorkThatTakesLongerThanItsLeaseIsNotLost) {
  add("slow");
  DueRows rows(*database, table());
  DueRows other(*database, table());
  int taken_by_other = 0;
  run(rows.process(clock, 1s, 8, [&](db::Rows) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      clock.advance(900ms);
      asio::steady_timer timer(co_await asio::this_coro::executor, 500ms);
      co_await timer.async_wait(asio::use_awaitable);
      co_await other.process(clock, 1s, 8, [&](db::Rows) -> Task<> {
        ++taken_by_other;
        co_return;
      });
    }
  }));
  EXPECT_EQ(taken_by_other, 0);
  EXPECT_EQ(count("deaths = 0 AND leased_until IS NULL"), 1);
}

TEST_F(DueRowsTest, LostOnesKeepTheOthersWaitingNoLongerThanOne) {
  static constexpr db::Statement lose{"lose", "UPDATE shop.orders SET leased_until = $1, due_at = $1"};
  for (int i = 0; i < 5; ++i) add("lost " + std::to_string(i));
  run(database->query(lose, clock.now()));
  DueRows rows(*database, table());
  std::vector<std::string> seen;
  auto const work = [&](db::Rows taken) -> Task<> {
    for (auto const& row : taken) {
      seen.push_back(row.get<std::string>(1));
      co_await finish(*database, seen.back());
    }
  };
  EXPECT_TRUE(run(rows.process(clock, 1min, 8, work))) << "there are more";
  add("new");
  run(rows.process(clock, 1min, 8, work));
  EXPECT_EQ(seen.at(1), "new");
  while (run(rows.process(clock, 1min, 8, work))) {
  }
  EXPECT_EQ(seen.size(), 6U);
}

TEST(Isolation, WhoHadTheLastItemLetsOthersGoFirst) {
  int slow = 0;
  int other = 0;
  auto place = Isolation::try_take(&slow);
  ASSERT_TRUE(place);
  EXPECT_FALSE(Isolation::try_take(&other));
  place.reset();
  EXPECT_FALSE(Isolation::try_take(&slow));
  place = Isolation::try_take(&other);
  EXPECT_TRUE(place);
  place.reset();
  EXPECT_TRUE(Isolation::try_take(&slow));
  EXPECT_TRUE(Isolation::try_take(&slow)) << "nobody else waits";
}

TEST_F(DueRowsTest, TwoProcessesTakeEachRowOnce) {
  for (int i = 0; i < 20; ++i) add(std::to_string(i));
  DueRows one(*database, table());
  DueRows other(*database, table());
  std::vector<std::string> seen;
  auto const rounds = [&](DueRows& rows) -> Task<> {
    while (co_await rows.process(clock, 1min, 3, [&](db::Rows taken) -> Task<> {
      for (auto const& row : taken) seen.push_back(row.get<std::string>(1));
      co_return;
    })) {
    }
  };
  std::vector<Task<>> both;
  both.push_back(rounds(one));
  both.push_back(rounds(other));
  for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  while (run(one.process(clock, 1min, 3, [&](db::Rows taken) -> Task<> {
    for (auto const& row : taken) seen.push_back(row.get<std::string>(1));
    co_return;
  }))) {
  }
  std::ranges::sort(seen);
  EXPECT_TRUE(std::ranges::adjacent_find(seen) == seen.end());
  EXPECT_EQ(seen.size(), 20U);
}

}  // namespace
}  // namespace balcao::jobs

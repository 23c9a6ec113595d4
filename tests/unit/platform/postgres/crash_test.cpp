// What was acknowledged survives the server's end, with a goodbye or without, clients are told what they can use, and
// service returns by itself.
#include <array>
#include <atomic>
#include <iostream>
#include <mutex>
#include <set>
#include <thread>

#include "postgres_fixture.hpp"

namespace balcao::db::postgres {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr Statement insert{"insert", "INSERT INTO shop.notes (id, text) VALUES ($1, $2)"};
constexpr Statement find{"find", "SELECT text FROM shop.notes WHERE id = $1"};
constexpr Statement all_ids{"all_ids", "SELECT id FROM shop.notes"};

/// Those have connections of their own, which can be back before the others are.
bool is_in_transaction(std::int64_t id) { return id % 4 == 0; }

/// What the clients were told, by id.
struct Told {
  std::mutex mutex;
  std::set<std::int64_t> done;
  std::set<std::int64_t> refused;
  std::set<std::int64_t> unknown;
  std::atomic<int> reads = 0;
  std::vector<std::string> surprises;
  std::array<std::atomic<Clock::rep>, 2> last_answer{};  ///< to a write without a transaction, on each loop

  void record(std::int64_t id, std::exception_ptr const& failure) {
    std::lock_guard const lock(mutex);
    try {
      if (failure) std::rethrow_exception(failure);
      done.insert(id);
      if (!is_in_transaction(id)) last_answer.at(current_loop()) = Clock::now().time_since_epoch().count();
    } catch (UnknownOutcome const&) {
      unknown.insert(id);
    } catch (Problem const& problem) {
      if (problem.status() != 503) surprises.emplace_back(problem.what());
      refused.insert(id);
    } catch (std::exception const& other) {
      surprises.emplace_back(other.what());
    }
  }

  void note_read(std::exception_ptr const& failure) {
    std::lock_guard const lock(mutex);
    if (test::status_of(failure) != 503) surprises.emplace_back("a read");
  }

  std::size_t count(std::set<std::int64_t> const& ids) {
    std::lock_guard const lock(mutex);
    return ids.size();
  }
};

Task<> write(Database& database, std::int64_t id) { co_await database.query(insert, id, "text"); }

Task<> write_in_transaction(Database& database, std::int64_t id) {
  co_await database.transaction([id](Transaction& transaction) -> Task<> {
    co_await transaction.query(find, id);
    co_await transaction.query(insert, id, "text");
  });
}

Task<> client(Database& database, Told& told, std::atomic<std::int64_t>& next_id, std::atomic<bool>& stop) {
  while (!stop) {
    auto const id = ++next_id;
    auto const failure =
        co_await test::failure_of(is_in_transaction(id) ? write_in_transaction(database, id) : write(database, id));
    told.record(id, failure);
    if (failure) {
      co_await pause(2ms);
      continue;
    }
    if (auto const unread = co_await test::failure_of(database.query(find, id))) {
      told.note_read(unread);
    } else {
      ++told.reads;
    }
  }
}

/// Waits, on a thread of its own, until `condition` holds.
void until(std::function<bool()> const& condition) {
  auto const deadline = Clock::now() + 30s;
  while (!condition()) {
    ASSERT_LT(Clock::now(), deadline) << "the condition did not come true";
    std::this_thread::sleep_for(1ms);
  }
}

class PostgresCrash : public testing::Test {
 protected:
  void start_clients(Database& database, int number) {
    running = number;
    for (int i = 0; i < number; ++i) {
      auto const counted = [](Task<> task, std::atomic<int>& left) -> Task<> {
        co_await std::move(task);
        --left;
      };
      start(loops[static_cast<std::size_t>(i) % 2], counted(client(database, told, next_id, stop), running));
    }
  }

  /// Gives how long after the server's return it took until both loops had a write acknowledged.
  std::chrono::nanoseconds end_under_load(void (test::PostgresServer::*end)(), bool wait_for_refusals) {
    auto const done = told.count(told.done);
    auto const refused = told.count(told.refused);
    until([&] { return told.count(told.done) >= done + 150; });
    (server.*end)();
    if (wait_for_refusals) until([&] { return told.count(told.refused) >= refused + 100; });
    server.start();
    auto const back = Clock::now().time_since_epoch().count();
    until([&] { return std::ranges::all_of(told.last_answer, [&](auto const& last) { return last > back; }); });
    return Clock::now().time_since_epoch() - std::chrono::nanoseconds(back);
  }

  test::PostgresServer server{{"fsync=on"}};
  Loops loops{2};
  Told told;
  std::atomic<std::int64_t> next_id = 0;
  std::atomic<bool> stop = false;
  std::atomic<int> running = 0;
};

TEST_F(PostgresCrash, NothingAcknowledgedIsLostAndServiceReturns) {
  auto const database = open(connect(loops, {.url = server.url()}), "shop");
  test::run_on(loops, database->execute_script("CREATE SCHEMA shop; CREATE TABLE shop.notes (id BIGINT PRIMARY KEY, "
                                               "text TEXT NOT NULL)"));
  start_clients(*database, 32);
  {
    std::jthread const runner([&] { loops.run(); });
    using Server = test::PostgresServer;
    for (auto const& [end, is_long] : {std::pair{&Server::crash, false},
                                       {&Server::crash, true},
                                       {&Server::shut_down, false},
                                       {&Server::shut_down, true}}) {
      auto const took = end_under_load(end, is_long);
      std::cout << "both loops write again " << took / 1ms << " ms after the server was back\n";
    }
    stop = true;
    until([&] { return running == 0; });
    loops.stop();
  }

  auto const rows = test::run_on(loops, database->query(all_ids));
  std::set<std::int64_t> stored;
  for (Row const& row : rows) stored.insert(row.get<std::int64_t>(0));
  std::cout << told.done.size() << " acknowledged, " << told.refused.size() << " refused, " << told.unknown.size()
            << " unknown, " << stored.size() << " stored, " << told.reads << " reads\n";
  for (auto const id : told.done) EXPECT_TRUE(stored.contains(id)) << id << " was acknowledged";
  for (auto const id : told.refused) EXPECT_FALSE(stored.contains(id)) << id << " was refused";
  for (auto const id : stored) EXPECT_TRUE(told.done.contains(id) || told.unknown.contains(id)) << id;
  EXPECT_TRUE(told.surprises.empty()) << told.surprises.front();
  EXPECT_FALSE(told.unknown.empty());
}

}  // namespace
}  // namespace balcao::db::postgres

#include "platform/db/sqlite/sqlite.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <fstream>
#include <thread>

#include "sqlite_fixture.hpp"

namespace balcao::db {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

class Sqlite : public test::SqliteTest {};

TEST_F(Sqlite, AFailingCallHarmsNoOtherInTheSharedCommit) {
  auto const database = open_with_notes();
  std::vector<std::exception_ptr> outcomes;
  auto const begin = [&](Task<> call) {
    asio::co_spawn(loops[0], std::move(call), [&](std::exception_ptr failure) { outcomes.push_back(failure); });
  };
  auto const pair = [&](int id) -> Task<> {
    co_await database->batch({note(2000 + id, "a"), note(3000 + id, id % 10 == 4 ? "bad" : "good")});
  };
  // While this transaction holds the writer, all the others gather; then they are committed together.
  run(database->transaction([&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1000, "held");
    for (int id = 0; id < 100; ++id) {
      begin(insert_note(*database, id, id % 10 == 3 ? "bad" : "good"));
      begin(pair(id));
    }
    co_await asio::post(loops[0], asio::use_awaitable);
  }));
  run(test::until([&] { return outcomes.size() == 200; }));
  EXPECT_EQ(std::ranges::count(outcomes, nullptr), 180);
  EXPECT_EQ(run(count_notes(*database)), 1 + 90 + 2 * 90);
}

TEST_F(Sqlite, ServesTwoLoopsOnTwoThreads) {
  Loops two{2};  // like those of a program, they outlive the database
  auto const database = open_with_notes();
  std::atomic<int> left = 2 * 32;
  std::atomic<int> faults = 0;
  auto const client = [&](int first) -> Task<> {
    for (int id = first; id < first + 20; ++id) {
      auto const loop_thread = std::this_thread::get_id();
      auto const failure = co_await test::failure_of(database->query(insert, id, "text"));
      bool const is_elsewhere = std::this_thread::get_id() != loop_thread;
      static constexpr Statement find{"find", "SELECT id FROM shop.notes WHERE id = $1"};
      bool const is_unread = (co_await database->query(find, id)).empty();  // one's own write is read
      if (failure || is_elsewhere || is_unread) ++faults;
    }
    if (--left == 0) two.stop();
  };
  for (int i = 0; i < 64; ++i) start(two[static_cast<std::size_t>(i) % 2], client(i * 100));
  two.run();
  EXPECT_EQ(faults, 0);
  EXPECT_EQ(run(count_notes(*database)), 2 * 32 * 20);
}

TEST_F(Sqlite, TransactionHasADeadline) {
  auto with = options();
  with.deadline = 50ms;
  auto const database = open_with_notes(with);
  auto const failure = run(test::failure_of(database->transaction([&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1, "a");
    // The writer is free for others only once this one has been rolled back.
    std::exception_ptr waiting;
    do {
      waiting = co_await test::failure_of(database->query(insert, 2, "other"));
    } while (waiting);
    co_await transaction.query(insert, 3, "too late");
  })));
  EXPECT_EQ(test::status_of(failure), 503);
  EXPECT_EQ(run(count_notes(*database)), 1);
}

TEST_F(Sqlite, AFullQueueRefusesAtOnce) {
  auto with = options();
  with.queue_limit = 2;
  auto const database = open_with_notes(with);
  std::vector<int> statuses;
  run(database->transaction([&](Transaction&) -> Task<> {
    for (int id = 0; id < 5; ++id) {
      asio::co_spawn(loops[0], insert_note(*database, id, "text"),
                     [&](std::exception_ptr e) { statuses.push_back(test::status_of(e)); });
    }
    co_await test::until([&] { return statuses.size() == 3; });
  }));
  run(test::until([&] { return statuses.size() == 5; }));
  EXPECT_EQ(statuses, (std::vector<int>{503, 503, 503, 0, 0}));
  EXPECT_EQ(run(count_notes(*database)), 2);
}

TEST_F(Sqlite, AWriteGivesUpWhereAnotherProcessHoldsTheFile) {
  auto const other = open_with_notes();
  auto with = options();
  with.deadline = 50ms;
  auto const database = open_with_notes(with);
  run(other->transaction([&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1, "held");
    auto const [write, begin] =
        std::pair{co_await test::failure_of(database->query(insert, 2, "text")),
                  co_await test::failure_of(database->transaction([](Transaction&) -> Task<> { co_return; }))};
    EXPECT_EQ(test::status_of(write), 503);
    EXPECT_EQ(test::status_of(begin), 503);
    EXPECT_EQ(co_await count_notes(*database), 0);  // reading goes on
  }));
  run(database->query(insert, 2, "text"));
  EXPECT_EQ(run(count_notes(*database)), 2);
}

TEST_F(Sqlite, AReadThatTakesTooLongIsInterrupted) {
  static constexpr Statement endless{
      "endless",
      "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"};
  auto with = options();
  with.deadline = 50ms;
  with.readers = 1;
  auto const database = open_with_notes(with);
  EXPECT_EQ(test::status_of(run(test::failure_of(database->query(endless)))), 503);
  EXPECT_EQ(test::status_of(run(test::failure_of(database->batch({call(count), call(endless)})))), 503);
  EXPECT_EQ(run(count_notes(*database)), 0);  // the reader is as good as new
}

TEST_F(Sqlite, ADestroyedDatabaseHasDoneWhatWasQueued) {
  auto database = open_with_notes();
  int acknowledged = 0;
  for (int id = 0; id < 100; ++id) {
    asio::co_spawn(loops[0], insert_note(*database, id, "text"),
                   [&](std::exception_ptr e) { acknowledged += e ? 0 : 1; });
  }
  loops[0].poll();  // all are queued
  database.reset();
  run(test::until([&] { return acknowledged == 100; }));
  EXPECT_EQ(acknowledged, 100);
  EXPECT_FALSE(std::filesystem::exists(directory / "shop.db-wal"));  // checkpointed and closed in order
  EXPECT_EQ(run(count_notes(*open_with_notes())), 100);
}

TEST_F(Sqlite, FilesAreForTheirOwnerOnly) {
  auto const database = open_with_notes();
  for (auto const* name : {"shop.db", "shop.db-wal", "shop.db-shm"}) {
    struct stat status{};
    ASSERT_EQ(::stat((directory / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << name;
  }
}

TEST_F(Sqlite, TellsTheOperatorWhatIsWrongWithTheFile) {
  auto const message = [](sqlite::Options const& with) -> std::string {
    try {
      sqlite::open(with);
    } catch (Error const& error) {
      return error.what();
    }
    return {};
  };
  auto with = options();
  std::ofstream(with.file) << std::string(8192, 'x');
  EXPECT_NE(message(with).find("shop.db is damaged or not a SQLite database"), std::string::npos) << message(with);

  with.file = directory / "missing" / "shop.db";
  EXPECT_NE(message(with).find("cannot create the database file"), std::string::npos) << message(with);

  with.file = directory / "directory";
  std::filesystem::create_directory(with.file);
  EXPECT_NE(message(with).find("cannot be opened"), std::string::npos) << message(with);

  with.file = directory / "held.db";
  auto const holder = sqlite::open(with);
  with.deadline = 20ms;
  run(holder->transaction([&](Transaction&) -> Task<> {
    EXPECT_NE(message(with).find("is locked by another process"), std::string::npos) << message(with);
    co_return;
  }));
}

}  // namespace
}  // namespace balcao::db

#include "platform/db/sqlite/sqlite.hpp"

#include <sys/stat.h>

#include <array>
#include <boost/asio/detached.hpp>
#include <fstream>
#include <thread>

#include "database_fixture.hpp"

namespace balcao::db {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

class Sqlite : public test::DatabaseTest {
 protected:
  static Call note(int id, std::string_view text) { return call(insert, id, text); }

  static Task<> write_notes(Database& database, int first, int count) {
    for (int id = first; id < first + count; ++id) co_await database.query(insert, id, "text");
  }
};

TEST_F(Sqlite, KeepsEveryTypeAndNull) {
  static constexpr Statement store{"store", "INSERT INTO shop.all_types VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
  static constexpr Statement load{"load", "SELECT * FROM shop.all_types"};
  auto const database = sqlite::open(options());
  auto const time = Time{1234567890123456us};
  auto const uuid = Uuid::make(time);
  auto const text = std::string("a\0ção", 6);

  auto const rows = run([&]() -> Task<Rows> {
    co_await database->execute_script(
        "CREATE TABLE shop.all_types (a INTEGER, b INTEGER, c REAL, d TEXT, e INTEGER, f TEXT, g BLOB, h TEXT)");
    co_await database->query(store, true, INT64_MIN, 0.1, text, time, uuid, Bytes{std::string("\0\xff", 2)},
                             std::optional<std::string>{});
    co_await database->query(store, false, 1, -1.0, "", Time{}, uuid, Bytes{}, std::optional<std::string>{""});
    co_return co_await database->query(load);
  }());

  ASSERT_EQ(rows.size(), 2U);
  Row const& row = rows.front();
  EXPECT_TRUE(row.get<bool>(0));
  EXPECT_EQ(row.get<std::int64_t>(1), INT64_MIN);
  EXPECT_EQ(row.get<double>(2), 0.1);
  EXPECT_EQ(row.get<std::string>(3), text);
  EXPECT_EQ(row.get<Time>(4), time);
  EXPECT_EQ(row.get<Uuid>(5), uuid);
  EXPECT_EQ(row.get<Bytes>(6), (Bytes{std::string("\0\xff", 2)}));
  EXPECT_EQ(row.get<std::optional<std::string>>(7), std::nullopt);
  EXPECT_FALSE(rows.rows[1].get<bool>(0));
  EXPECT_EQ(rows.rows[1].get<std::string>(3), "");
  EXPECT_EQ(rows.rows[1].get<Bytes>(6), Bytes{});
}

TEST_F(Sqlite, CountsChangesAndReturnsRows) {
  static constexpr Statement update{"update",
                                    "UPDATE shop.notes SET text = $2 || $1 WHERE id >= $1 RETURNING id, text"};
  auto const database = open_with_notes();
  run(write_notes(*database, 1, 3));
  auto const rows = run(database->query(update, 2, "new"));
  EXPECT_EQ(rows.affected, 2);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.front().get<std::string>(1), "new2");
  EXPECT_EQ(run(database->query(count)).affected, 0);
}

TEST_F(Sqlite, TakesPostgresCastsOnParameters) {
  static constexpr Statement echo{"echo", "SELECT $2::text, $1::bigint, $2::text"};
  auto const rows = run(open_with_notes()->query(echo, 1, "two"));
  EXPECT_EQ(rows.front().get<std::string>(0), "two");
  EXPECT_EQ(rows.front().get<int>(1), 1);
  EXPECT_EQ(rows.front().get<std::string>(2), "two");
}

TEST_F(Sqlite, NamesTheStatementThatFailed) {
  auto const database = open_with_notes();
  try {
    run(database->query(insert, 1, "bad"));
    FAIL();
  } catch (Error const& error) {
    EXPECT_NE(std::string(error.what()).find("insert"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("CHECK constraint failed"), std::string::npos);
  }
  static constexpr Statement too_many{"too_many", "SELECT $1, $2"};
  EXPECT_THROW(run(database->query(too_many, 1)), std::logic_error);
  static constexpr Statement two{"two", "SELECT 1; SELECT 2"};
  EXPECT_THROW(run(database->query(two)), std::logic_error);
}

TEST_F(Sqlite, BatchIsAllOrNone) {
  auto const database = open_with_notes();
  EXPECT_THROW(run(database->batch({note(1, "a"), note(2, "b"), note(1, "again")})), Error);
  EXPECT_EQ(run(count_notes(*database)), 0);
  auto const results = run(database->batch({note(1, "a"), note(2, "b"), call(count)}));
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].affected, 1);
  EXPECT_EQ(results[2].front().get<int>(0), 2);
  EXPECT_EQ(run(database->batch({call(count), call(count)})).size(), 2U);
}

TEST_F(Sqlite, ScriptIsAllOrNone) {
  auto const database = open_with_notes();
  EXPECT_THROW(run(database->execute_script("INSERT INTO shop.notes VALUES (1, 'a'); INSERT INTO nowhere VALUES (1)")),
               Error);
  EXPECT_EQ(run(count_notes(*database)), 0);
}

TEST_F(Sqlite, AFailingCallHarmsNoOtherInTheSharedCommit) {
  auto const database = open_with_notes();
  int done = 0;
  int failed = 0;
  auto const count_outcome = [&](std::exception_ptr failure, auto const&...) { ++(failure ? failed : done); };
  // While this transaction holds the writer, all the others gather; then they are committed together.
  asio::co_spawn(loop, database->transaction([&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1000, "held");
    for (int id = 0; id < 100; ++id) {
      asio::co_spawn(loop, database->query(insert, id, id % 10 == 3 ? "bad" : "good"), count_outcome);
      asio::co_spawn(loop, database->batch({note(2000 + id, "a"), note(3000 + id, id % 10 == 4 ? "bad" : "good")}),
                     count_outcome);
    }
    co_await asio::post(loop, asio::use_awaitable);
  }),
                 count_outcome);
  run_loop();
  EXPECT_EQ(failed, 20);
  EXPECT_EQ(done, 181);
  EXPECT_EQ(run(count_notes(*database)), 1 + 90 + 2 * 90);
}

TEST_F(Sqlite, ServesTwoLoopsOnTwoThreads) {
  std::array<asio::io_context, 2> loops;  // like those of a program, they outlive the database
  auto const database = open_with_notes();
  std::atomic<int> unread = 0;
  auto const client = [&](int first) -> Task<> {
    for (int id = first; id < first + 20; ++id) {
      auto const loop_thread = std::this_thread::get_id();
      co_await database->query(insert, id, "text");
      if (std::this_thread::get_id() != loop_thread) throw std::logic_error("resumed on another loop");
      static constexpr Statement find{"find", "SELECT id FROM shop.notes WHERE id = $1"};
      if ((co_await database->query(find, id)).empty()) ++unread;  // one's own write is read
    }
  };
  auto const serve = [&](std::size_t part) {
    int failures = 0;
    for (int i = 0; i < 32; ++i) {
      asio::co_spawn(loops.at(part), client(static_cast<int>(part) * 100'000 + i * 100),
                     [&](std::exception_ptr e) { failures += e ? 1 : 0; });
    }
    loops.at(part).run();
    EXPECT_EQ(failures, 0);
  };
  {
    std::jthread const other([&] { serve(1); });
    serve(0);
  }
  EXPECT_EQ(unread, 0);
  EXPECT_EQ(run(count_notes(*database)), 2 * 32 * 20);
}

TEST_F(Sqlite, TransactionReadsDecidesAndWrites) {
  auto const database = open_with_notes();
  auto const seen = run(database->transaction([&](Transaction& transaction) -> Task<std::int64_t> {
    co_await transaction.query(insert, 1, "a");
    co_return (co_await transaction.query(count)).front().get<std::int64_t>(0);
  }));
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(run(count_notes(*database)), 1);
}

TEST_F(Sqlite, TransactionIsRolledBackOnThrow) {
  auto const database = open_with_notes();
  EXPECT_THROW(run(database->transaction([&](Transaction& transaction) -> Task<> {
                 co_await transaction.query(insert, 1, "a");
                 throw std::range_error("changed my mind");
               })),
               std::range_error);
  EXPECT_EQ(run(count_notes(*database)), 0);
  run(database->query(insert, 1, "the writer is free again"));
}

TEST_F(Sqlite, AFailedStatementEndsItsTransaction) {
  auto const database = open_with_notes();
  auto const work = [&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1, "a");
    EXPECT_NE(co_await test::failure_of(transaction.query(insert, 1, "again")), nullptr);
    co_await transaction.query(insert, 2, "b");
  };
  EXPECT_THROW(run(database->transaction(work)), Problem);
  EXPECT_EQ(run(count_notes(*database)), 0);
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
  asio::co_spawn(loop, database->transaction([&](Transaction&) -> Task<> {
    for (int id = 0; id < 5; ++id) {
      asio::co_spawn(loop, database->query(insert, id, "text"),
                     [&](std::exception_ptr e, Rows const&) { statuses.push_back(test::status_of(e)); });
    }
    co_await test::until([&] { return statuses.size() == 3; });
  }),
                 asio::detached);
  run_loop();
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
    asio::co_spawn(loop, database->query(insert, id, "text"),
                   [&](std::exception_ptr e, Rows const&) { acknowledged += e ? 0 : 1; });
  }
  loop.restart();
  loop.poll();  // all are queued
  database.reset();
  run_loop();
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

TEST_F(Sqlite, KeepsForeignKeysAndAnswersPings) {
  auto const database = open_with_notes();
  run(database->ping());
  EXPECT_EQ(database->engine(), "sqlite");
  run(
      database->execute_script("CREATE TABLE shop.lines (note INTEGER NOT NULL REFERENCES notes (id)); CREATE INDEX "
                               "shop.by_note ON lines (note)"));
  static constexpr Statement add{"add_line", "INSERT INTO shop.lines VALUES ($1)"};
  EXPECT_THROW(run(database->query(add, 1)), Error);
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

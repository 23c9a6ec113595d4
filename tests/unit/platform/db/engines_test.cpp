// What both engines promise, asked of both.
#include "engine.hpp"
#include "notes_fixture.hpp"

namespace balcao::db {
namespace {

using namespace std::chrono_literals;

class Engines : public test::NotesTest {
 protected:
  Engines() {
    if (is_postgres()) run(database->execute_script("CREATE SCHEMA shop"));
    run(database->execute_script(std::string(notes_table)));
  }

  static bool is_postgres() { return test::Engine::is_postgres(); }

  test::Engine engine{loops};
  std::unique_ptr<Database> database = engine.open("shop");
};

TEST_F(Engines, KeepEveryTypeAndNull) {
  static constexpr Statement store{"store", "INSERT INTO shop.all_types VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
  static constexpr Statement load{"load", "SELECT * FROM shop.all_types ORDER BY b"};
  auto const time = Time{1234567890123456us};
  auto const uuid = Uuid::make(time);
  run(database->execute_script(
      is_postgres() ? "CREATE TABLE shop.all_types (a boolean, b bigint, c double precision, d text, e timestamptz, f "
                      "uuid, g bytea, h text)"
                    : "CREATE TABLE shop.all_types (a INTEGER, b INTEGER, c REAL, d TEXT, e INTEGER, f TEXT, g BLOB, h "
                      "TEXT)"));
  run(database->query(store, true, INT64_MIN, 0.1, "ação", time, uuid, Bytes{std::string("\0\xff", 2)},
                      std::optional<std::string>{}));
  run(database->query(store, false, 1, -1.0, "", Time{-1us}, uuid, Bytes{}, std::optional<std::string>{""}));
  run(database->query(store, std::optional<bool>{}, 2, std::optional<std::int64_t>{}, std::optional<std::string>{},
                      std::optional<Time>{}, std::optional<Uuid>{}, Value{}, "x"));
  auto const rows = run(database->query(load));

  ASSERT_EQ(rows.size(), 3U);
  Row const& row = rows.front();
  EXPECT_TRUE(row.get<bool>(0));
  EXPECT_EQ(row.get<std::int64_t>(1), INT64_MIN);
  EXPECT_EQ(row.get<double>(2), 0.1);
  EXPECT_EQ(row.get<std::string>(3), "ação");
  EXPECT_EQ(row.get<Time>(4), time);
  EXPECT_EQ(row.get<Uuid>(5), uuid);
  EXPECT_EQ(row.get<Bytes>(6), (Bytes{std::string("\0\xff", 2)}));
  EXPECT_EQ(row.get<std::optional<std::string>>(7), std::nullopt);
  EXPECT_FALSE(rows.rows[1].get<bool>(0));
  EXPECT_EQ(rows.rows[1].get<std::string>(3), "");
  EXPECT_EQ(rows.rows[1].get<Time>(4), Time{-1us});
  EXPECT_EQ(rows.rows[1].get<Bytes>(6), Bytes{});
  for (std::size_t column : {0, 2, 3, 4, 5, 6}) EXPECT_FALSE(rows.rows[2].get<std::optional<int>>(column)) << column;
}

TEST_F(Engines, CountChangesAndReturnRows) {
  static constexpr Statement update{"update",
                                    "UPDATE shop.notes SET text = $2 || $1 WHERE id >= $1 RETURNING id, text"};
  static constexpr Statement remove{"remove", "DELETE FROM shop.notes WHERE id > $1"};
  for (int id = 1; id <= 3; ++id) run(database->query(insert, id, "text"));
  auto const rows = run(database->query(update, 2, "new"));
  EXPECT_EQ(rows.affected, 2);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.front().get<std::string>(1), "new2");
  EXPECT_EQ(run(database->query(count)).affected, 0);
  EXPECT_EQ(run(database->query(remove, 1)).affected, 2);
  EXPECT_EQ(run(database->query(remove, 1)).affected, 0);
}

TEST_F(Engines, TakeCastsOnParameters) {
  static constexpr Statement echo{"echo", "SELECT $2::text, $1::bigint, $2::text"};
  auto const rows = run(database->query(echo, 1, "two"));
  EXPECT_EQ(rows.front().get<std::string>(0), "two");
  EXPECT_EQ(rows.front().get<int>(1), 1);
}

/// A statement is prepared for the types of its first call; NULL then has none.
TEST_F(Engines, TakeValuesWhereFirstThereWasNullAndTheOtherWayRound) {
  static constexpr Statement change{"change",
                                    "UPDATE shop.notes SET text = COALESCE($2, text) WHERE id = COALESCE($1, id)"};
  run(database->query(insert, 1, "a"));
  run(database->query(change, std::optional<int>{}, std::optional<std::string>{}));
  EXPECT_EQ(run(database->query(change, 1, "b")).affected, 1);
  EXPECT_EQ(run(database->query(change, 2, "b")).affected, 0);
  EXPECT_EQ(run(database->query(change, 1, std::optional<std::string>{})).affected, 1);
}

TEST_F(Engines, NameTheStatementThatFailed) {
  try {
    run(database->query(insert, 1, "bad"));
    FAIL();
  } catch (Error const& error) {
    EXPECT_NE(std::string(error.what()).find("insert"), std::string::npos);
    EXPECT_EQ(error.sqlstate(), is_postgres() ? "23514" : "");
    EXPECT_EQ(error.constraint(), is_postgres() ? "notes_text_check" : "");
  }
  static constexpr Statement too_few{"too_few", "INSERT INTO shop.notes VALUES ($1, $2)"};
  EXPECT_THROW(run(database->query(too_few, 1)), std::logic_error);
  static constexpr Statement two{"two", "SELECT 1; SELECT 2"};
  EXPECT_ANY_THROW(run(database->query(two)));
}

TEST_F(Engines, ABatchIsAllOrNone) {
  EXPECT_THROW(run(database->batch({note(1, "a"), note(2, "b"), note(1, "again")})), Error);
  EXPECT_EQ(run(count_notes(*database)), 0);
  auto const results = run(database->batch({note(1, "a"), note(2, "b"), call(count)}));
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].affected, 1);
  EXPECT_EQ(results[2].front().get<int>(0), 2);
  EXPECT_EQ(run(database->batch({call(count), call(count)})).size(), 2U);
}

TEST_F(Engines, AScriptIsAllOrNone) {
  EXPECT_THROW(run(database->execute_script("INSERT INTO shop.notes VALUES (1, 'a'); INSERT INTO nowhere VALUES (1)")),
               Error);
  EXPECT_EQ(run(count_notes(*database)), 0);
}

TEST_F(Engines, AFailingCallHarmsNoOther) {
  std::vector<Task<>> calls;
  auto const pair = [this](int id) -> Task<> {
    co_await database->batch({note(2000 + id, "a"), note(3000 + id, id % 10 == 4 ? "bad" : "good")});
  };
  for (int id = 0; id < 100; ++id) {
    calls.push_back(insert_note(*database, id, id % 10 == 3 ? "bad" : "good"));
    calls.push_back(pair(id));
  }
  auto const failures = run_together(std::move(calls));
  EXPECT_EQ(std::ranges::count(failures, nullptr), 180);
  EXPECT_EQ(run(count_notes(*database)), 90 + 2 * 90);
}

TEST_F(Engines, ATransactionReadsDecidesAndWrites) {
  auto const seen = run(database->transaction([&](Transaction& transaction) -> Task<std::int64_t> {
    co_await transaction.query(insert, 1, "a");
    co_return (co_await transaction.query(count)).front().get<std::int64_t>(0);
  }));
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(run(count_notes(*database)), 1);
  run(database->transaction([](Transaction&) -> Task<> { co_return; }));
}

TEST_F(Engines, ATransactionIsRolledBackOnThrow) {
  EXPECT_THROW(run(database->transaction([&](Transaction& transaction) -> Task<> {
                 co_await transaction.query(insert, 1, "a");
                 throw std::range_error("changed my mind");
               })),
               std::range_error);
  EXPECT_EQ(run(count_notes(*database)), 0);
  run(database->query(insert, 1, "its lock is gone"));
}

TEST_F(Engines, AFailedStatementEndsItsTransaction) {
  auto const work = [&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1, "a");
    EXPECT_NE(co_await test::failure_of(transaction.query(insert, 1, "again")), nullptr);
    co_await transaction.query(insert, 2, "b");
  };
  EXPECT_EQ(test::status_of(run(test::failure_of(database->transaction(work)))), 503);
  EXPECT_EQ(run(count_notes(*database)), 0);
}

/// Each reads the count and adds one note for it: no two may see the same.
TEST_F(Engines, TransactionsDoNotDecideOnWhatHasChanged) {
  auto const add = [this]() -> Task<> {
    for (;;) {
      auto const failure = co_await test::failure_of(database->transaction([&](Transaction& transaction) -> Task<> {
        auto const seen = (co_await transaction.query(count)).front().get<std::int64_t>(0);
        static constexpr Statement say{"say", "INSERT INTO shop.said (seen) VALUES ($1)"};
        co_await transaction.query(say, seen);
        co_await transaction.query(insert, static_cast<int>(seen), "text");
      }));
      if (!failure) co_return;
    }
  };
  run(database->execute_script("CREATE TABLE shop.said (seen BIGINT NOT NULL)"));
  std::vector<Task<>> adding;
  for (int i = 0; i < 5; ++i) adding.push_back(add());
  run_together(std::move(adding));
  static constexpr Statement distinct{"distinct", "SELECT count(*), count(DISTINCT seen) FROM shop.said"};
  auto const rows = run(database->query(distinct));
  EXPECT_EQ(rows.front().get<int>(0), 5);
  EXPECT_EQ(rows.front().get<int>(1), 5);
}

TEST_F(Engines, KeepForeignKeysAndAnswerPings) {
  run(database->ping());
  EXPECT_EQ(database->engine(), is_postgres() ? "postgres" : "sqlite");
  run(database->execute_script(is_postgres()
                                   ? "CREATE TABLE shop.lines (note BIGINT NOT NULL REFERENCES shop.notes (id))"
                                   : "CREATE TABLE shop.lines (note BIGINT NOT NULL REFERENCES notes (id))"));
  static constexpr Statement add{"add_line", "INSERT INTO shop.lines VALUES ($1)"};
  EXPECT_THROW(run(database->query(add, 1)), Error);
}

}  // namespace
}  // namespace balcao::db

#include <signal.h>

#include "postgres_fixture.hpp"

namespace balcao::db::postgres {
namespace {

using namespace std::chrono_literals;
using test::failure_of;
using test::status_of;

constexpr Statement sleep_long{"sleep_long", "SELECT pg_sleep(30)"};
constexpr Statement find{"find", "SELECT text FROM shop.notes WHERE id = $1"};
constexpr Statement slow_insert{"slow_insert", "INSERT INTO shop.notes SELECT $1, 'slow' FROM pg_sleep(30)"};
constexpr Statement delete_all{"delete_all", "DELETE FROM shop.notes"};
constexpr Statement my_process{"my_process", "SELECT pg_backend_pid()"};
constexpr Statement end_active{"end_active",
                               "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE state = 'active' "
                               "AND pid <> pg_backend_pid() AND query LIKE '%' || $1 || '%'"};
constexpr Statement end_others{"end_others",
                               "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = "
                               "'balcao' AND pid <> pg_backend_pid()"};

class Postgres : public test::PostgresTest {
 protected:
  template <class T>
  static Task<> drop_result(Task<T> task) {
    co_await std::move(task);
  }

  /// Runs the loop until a statement whose text contains `part` is being executed.
  Task<> until_active(Database& observer, std::string part, int number = 1) {
    static constexpr Statement active{"active",
                                      "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> "
                                      "pg_backend_pid() AND query LIKE '%' || $1 || '%'"};
    auto const deadline = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      auto const rows = co_await observer.query(active, part);
      if (rows.front().get<int>(0) >= number) co_return;
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("it does not become active");
      co_await pause(2ms);
    }
  }

  /// Awaits `work` beside `beside`; gives what the first threw.
  std::exception_ptr failure_beside(Task<> work, Task<> beside) {
    std::exception_ptr failure;
    std::vector<Task<>> both;
    both.push_back([](Task<> awaited, std::exception_ptr& kept) -> Task<> {
      kept = co_await failure_of(std::move(awaited));
    }(std::move(work), failure));
    both.push_back(std::move(beside));
    for (auto const& each : run_together(std::move(both))) EXPECT_EQ(each, nullptr);
    return failure;
  }

  static bool is_unknown(std::exception_ptr const& failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (UnknownOutcome const&) {
      return true;
    } catch (std::exception const&) {
      return false;
    }
    return false;
  }
};

TEST_F(Postgres, ReadsNumbersNamesAndDocuments) {
  static constexpr Statement types{
      "types",
      "SELECT sum(x), sum(-x), 0::numeric, 1::smallint, 2::int, 1.5::real, 'n'::name, 'v'::varchar, "
      "'{\"a\":1}'::jsonb, "
      "'infinity'::timestamptz, 10000::numeric FROM (VALUES (9000000000000000000), (123456789)) AS v(x)"};
  auto const rows = run(open(options())->query(types));
  Row const& row = rows.front();
  EXPECT_EQ(row.get<std::int64_t>(0), 9'000'000'000'123'456'789);
  EXPECT_EQ(row.get<std::int64_t>(1), -9'000'000'000'123'456'789);
  EXPECT_EQ(row.get<int>(2), 0);
  EXPECT_EQ(row.get<int>(3), 1);
  EXPECT_EQ(row.get<int>(4), 2);
  EXPECT_EQ(row.get<double>(5), 1.5);
  EXPECT_EQ(row.get<std::string>(6), "n");
  EXPECT_EQ(row.get<std::string>(7), "v");
  EXPECT_EQ(row.get<std::string>(8), R"({"a": 1})");
  EXPECT_EQ(row.get<Time>(9), Time::max());
  EXPECT_EQ(row.get<int>(10), 10000);
}

TEST_F(Postgres, AColumnOfAnotherTypeIsABug) {
  static constexpr Statement fraction{"fraction", "SELECT 1.5"};
  static constexpr Statement address{"address", "SELECT inet '127.0.0.1'"};
  auto const database = open(options());
  EXPECT_THROW(run(database->query(fraction)), std::logic_error);
  EXPECT_THROW(run(database->query(address)), std::logic_error);
  run(database->ping());
}

TEST_F(Postgres, TimesBeyondAllTimesCompare) {
  static constexpr Statement compare{"compare", "SELECT now() < $1 AND now() > $2"};
  EXPECT_TRUE(run(open(options())->query(compare, Time::max(), Time::min())).front().get<bool>(0));
}

TEST_F(Postgres, AMessageDoesNotQuoteAValue) {
  static constexpr Statement cast{"cast", "SELECT $1::text::bigint"};
  try {
    run(open(options())->query(cast, "a-secret"));
    FAIL();
  } catch (Error const& error) {
    EXPECT_EQ(error.sqlstate(), "22P02");
    EXPECT_EQ(std::string(error.what()).find("a-secret"), std::string::npos) << error.what();
  }
}

TEST_F(Postgres, AViolationTellsItsConstraint) {
  auto const database = open_with_notes();
  run(database->execute_script(
      "CREATE TABLE shop.lines (note BIGINT CONSTRAINT lines_note_key REFERENCES shop.notes (id) DEFERRABLE INITIALLY "
      "DEFERRED)"));
  static constexpr Statement add{"add_line", "INSERT INTO shop.lines VALUES ($1)"};
  auto const violation = [&](Task<> task) -> std::string {
    try {
      run(std::move(task));
    } catch (Error const& error) {
      return error.sqlstate() + " " + error.constraint();
    }
    return "none";
  };
  EXPECT_EQ(violation(insert_note(*database, 1, "a")), "none");
  EXPECT_EQ(violation(insert_note(*database, 1, "a")), "23505 notes_pkey");
  EXPECT_EQ(violation(drop_result(database->query(add, 7))), "23503 lines_note_key") << "seen by the commit only";
  EXPECT_EQ(
      violation(database->transaction([&](Transaction& transaction) -> Task<> { co_await transaction.query(add, 7); })),
      "23503 lines_note_key");
  EXPECT_EQ(violation(insert_note(*database, 2, "b")), "none");
}

TEST_F(Postgres, WhatCannotBePreparedIsTriedAgainLater) {
  static constexpr Statement later{"later", "SELECT count(*) FROM shop.later"};
  auto const database = open_with_notes();
  std::vector<Task<>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(drop_result(database->query(later)));
  for (auto const& failure : run_together(std::move(calls))) {
    try {
      ASSERT_NE(failure, nullptr);
      std::rethrow_exception(failure);
    } catch (Error const& error) {
      EXPECT_EQ(error.sqlstate(), "42P01");
    }
  }
  run(database->execute_script("CREATE TABLE shop.later (id BIGINT)"));
  EXPECT_EQ(run(database->query(later)).front().get<int>(0), 0);
}

TEST_F(Postgres, ATableMayChangeUnderItsStatements) {
  static constexpr Statement all{"all", "SELECT * FROM shop.notes"};
  auto const database = open_with_notes();
  run(insert_note(*database, 1, "a"));
  EXPECT_EQ(run(database->query(all)).front().size(), 2U);
  run(database->execute_script("ALTER TABLE shop.notes ADD COLUMN more TEXT"));
  std::vector<Task<>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(drop_result(database->query(all)));
  for (auto const& failure : run_together(std::move(calls))) EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(run(database->query(all)).front().size(), 3U);
}

TEST_F(Postgres, ASlowStatementIsCancelledAndHarmsNoOther) {
  auto with = options();
  with.statement_timeout = 100ms;
  with.connections_per_loop = 1;
  auto const database = open_with_notes(with);
  std::vector<Task<>> calls;
  calls.push_back(drop_result(database->query(sleep_long)));
  calls.push_back(drop_result(database->query(slow_insert, 1)));
  for (int id = 10; id < 20; ++id) calls.push_back(insert_note(*database, id, "a"));
  for (int id = 10; id < 20; ++id) calls.push_back(drop_result(database->query(find, id)));
  int refused = 0;
  for (auto const& failure : run_together(std::move(calls))) {
    if (!failure) continue;
    EXPECT_EQ(status_of(failure), 503);
    ++refused;
  }
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(run(count_notes(*database)), 10);
}

TEST_F(Postgres, AFullQueueRefusesAtOnce) {
  auto with = options();
  with.in_flight_limit = 1;
  with.connections_per_loop = 1;
  with.queue_limit = 3;
  auto const database = open(with);
  run(database->ping());
  std::vector<Task<>> calls;
  static constexpr Statement nap{"nap", "SELECT pg_sleep(0.2)"};
  for (int i = 0; i < 10; ++i) calls.push_back(drop_result(database->query(nap)));
  auto const failures = run_together(std::move(calls));
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(status_of(failures[i]), 503) << i;  // these ended first
  for (std::size_t i = 6; i < 10; ++i) EXPECT_EQ(failures[i], nullptr) << i;
}

TEST_F(Postgres, WaitingHasADeadline) {
  auto with = options();
  with.in_flight_limit = 1;
  with.connections_per_loop = 1;
  with.deadline = 50ms;
  with.statement_timeout = 400ms;
  auto const database = open(with);
  run(database->ping());
  std::vector<Task<>> calls;
  auto const started = std::chrono::steady_clock::now();
  calls.push_back(drop_result(database->query(sleep_long)));
  calls.push_back([](Database& asked, std::chrono::steady_clock::time_point since) -> Task<> {
    EXPECT_EQ(status_of(co_await failure_of(asked.query(count))), 503);
    EXPECT_LT(std::chrono::steady_clock::now() - since, 400ms);
  }(*database, started));
  EXPECT_EQ(std::ranges::count(run_together(std::move(calls)), nullptr), 1);
}

TEST_F(Postgres, ReadsUnderWayOnALostConnectionAreReadElsewhere) {
  auto const database = open_with_notes();
  auto const other = open(options());
  static constexpr Statement nap{"nap", "SELECT count(*) FROM pg_sleep(0.3) AS napping"};
  auto const failure = failure_beside(drop_result(database->query(nap)), [&]() -> Task<> {
    co_await until_active(*other, "AS napping");
    co_await other->query(end_active, "AS napping");
  }());
  EXPECT_EQ(status_of(failure), 0);
}

TEST_F(Postgres, AWriteUnderWayOnALostConnectionIsUnknown) {
  auto const database = open_with_notes();
  auto const other = open(options());
  auto const failure = failure_beside(drop_result(database->query(slow_insert, 1)), [&]() -> Task<> {
    co_await until_active(*other, "'slow' FROM");
    co_await other->query(end_active, "'slow' FROM");
  }());
  EXPECT_TRUE(is_unknown(failure));
  run(insert_note(*database, 2, "the connection is made anew"));
}

TEST_F(Postgres, ATransactionOnALostConnectionIsUndone) {
  auto const database = open_with_notes();
  auto const other = open(options());
  auto const lose_it = [&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1, "a");
    co_await other->query(end_others);
    co_await transaction.query(insert, 2, "b");
  };
  EXPECT_EQ(status(database->transaction(lose_it)), 503);
  EXPECT_EQ(run(count_notes(*database)), 0);
}

/// A server that says nothing more: its connection is in doubt, and is not used again.
TEST_F(Postgres, AConnectionThatFallsSilentIsReplaced) {
  auto with = options();
  with.connections_per_loop = 1;
  with.statement_timeout = 100ms;
  with.deadline = 200ms;
  auto const database = open_with_notes(with);
  auto const process = static_cast<pid_t>(run(database->query(my_process)).front().get<int>(0));
  ASSERT_EQ(::kill(process, SIGSTOP), 0);
  std::vector<Task<>> calls;
  calls.push_back(insert_note(*database, 1, "a"));
  auto const failures = run_together(std::move(calls));
  EXPECT_TRUE(is_unknown(failures.front()));
  EXPECT_NE(run(database->query(my_process)).front().get<int>(0), process);
  ::kill(process, SIGCONT);
}

TEST_F(Postgres, ATransactionHasADeadline) {
  auto with = options();
  with.deadline = 100ms;
  auto const database = open_with_notes(with);
  auto const dawdle = [&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1, "a");
    co_await database->query(insert, 1, "other");  // waits for the lock, which goes with the deadline
    co_await transaction.query(insert, 2, "too late");
  };
  EXPECT_EQ(status(database->transaction(dawdle)), 503);
  EXPECT_EQ(run(database->query(find, 1)).front().get<std::string>(0), "other");
  EXPECT_EQ(run(count_notes(*database)), 1);
  EXPECT_EQ(status(database->transaction([&](Transaction&) -> Task<> { co_await pause(200ms); })), 0);
}

TEST_F(Postgres, TransactionsWaitTheirTurnAndKeepNobodyElseWaiting) {
  auto const database = open_with_notes();
  int open_now = 0;
  int most_open = 0;
  auto const work = [&](int id) -> Task<> {
    co_await database->transaction([&](Transaction& transaction) -> Task<> {
      most_open = std::max(most_open, ++open_now);
      co_await transaction.query(insert, id, "a");
      co_await database->query(find, id);  // beside it
      co_await pause(5ms);
      --open_now;
    });
  };
  std::vector<Task<>> all;
  for (int id = 0; id < 20; ++id) all.push_back(work(id));
  for (auto const& failure : run_together(std::move(all))) EXPECT_EQ(status_of(failure), 0);
  EXPECT_EQ(most_open, 2);
  EXPECT_EQ(run(count_notes(*database)), 20);
}

TEST_F(Postgres, AConflictBetweenTransactionsIsNotLost) {
  auto const database = open_with_notes();
  run(insert_note(*database, 1, "a"));
  static constexpr Statement change{"change", "UPDATE shop.notes SET text = text || 'b' WHERE id = 1"};
  auto const failure = run(failure_of(database->transaction([&](Transaction& transaction) -> Task<> {
    co_await transaction.query(find, 1);
    co_await database->query(change);
    co_await transaction.query(change);
  })));
  EXPECT_EQ(status_of(failure), 503);
  EXPECT_EQ(run(database->query(find, 1)).front().get<std::string>(0), "ab");
}

/// Each of two batches holds the row that the other wants next: the server undoes one, which is then sent again.
TEST_F(Postgres, OfTwoBatchesInADeadlockBothAreDone) {
  static constexpr Statement change{"change", "UPDATE shop.notes SET text = text || $2 WHERE id = $1"};
  static constexpr Statement nap{"nap", "SELECT pg_sleep(0.1)"};
  auto const database = open_with_notes();
  auto const other = open(options());
  run(insert_note(*database, 1, ""));
  run(insert_note(*database, 2, ""));
  std::vector<Task<>> batches;
  batches.push_back(drop_result(database->batch({call(change, 1, "a"), call(nap), call(change, 2, "a")})));
  batches.push_back(drop_result(other->batch({call(change, 2, "b"), call(nap), call(change, 1, "b")})));
  for (auto const& failure : run_together(std::move(batches))) EXPECT_EQ(failure, nullptr);
  for (int id = 1; id <= 2; ++id) EXPECT_EQ(run(database->query(find, id)).front().get<std::string>(0).size(), 2U);
}

/// A transaction is not begun again by the driver: its caller is told to.
TEST_F(Postgres, ATransactionWhoseStatementNoLongerFitsIsUndoneOnce) {
  static constexpr Statement all{"all", "SELECT * FROM shop.notes"};
  static constexpr Statement forget{"forget", "DEALLOCATE ALL"};
  auto with = options();
  with.transactions_per_loop = 1;
  auto const database = open_with_notes(with);
  auto const read_all = [&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1, "a");
    co_await transaction.query(all);
    co_await transaction.query(delete_all);
  };
  EXPECT_EQ(status(database->transaction(read_all)), 0);
  run(database->execute_script("ALTER TABLE shop.notes ADD COLUMN more TEXT"));
  EXPECT_EQ(status(database->transaction(read_all)), 503);
  EXPECT_EQ(status(database->transaction(read_all)), 0);
  EXPECT_EQ(status(database->transaction([&](Transaction& transaction) -> Task<> {
              co_await transaction.query(forget);
              co_await transaction.query(all);
            })),
            503);
  EXPECT_EQ(run(count_notes(*database)), 0);
}

/// As a failover leaves the old primary.
TEST_F(Postgres, AServerThatTurnsReadOnlyIsLeft) {
  static constexpr Statement reload{"reload", "SELECT pg_reload_conf()"};
  static constexpr Statement shown{"shown", "SHOW default_transaction_read_only"};
  auto const database = open_with_notes();
  auto any = options();
  any.url = test::PostgresServer::shared().url("target_session_attrs=any");
  auto const admin = open(any);
  auto const turn = [&](std::string on) -> Task<> {
    co_await admin->execute_script("ALTER SYSTEM SET default_transaction_read_only = " + on);
    co_await admin->query(reload);
    while ((co_await admin->query(shown)).front().get<std::string>(0) != on) co_await pause(1ms);
  };

  run(turn("on"));
  EXPECT_EQ(status(insert_note(*database, 1, "a")), 503);
  auto const refused = run(failure_of(open(options())->ping()));
  run(turn("off"));
  try {
    ASSERT_NE(refused, nullptr);
    std::rethrow_exception(refused);
  } catch (Error const& error) {
    EXPECT_NE(std::string(error.what()).find("read-only"), std::string::npos) << error.what();
  }
  EXPECT_EQ(status(insert_note(*database, 1, "a")), 0);
}

TEST_F(Postgres, GoesToTheHostThatIsThere) {
  auto const& server = test::PostgresServer::shared();
  auto with = options();
  auto const here = "127.0.0.1:" + std::to_string(server.port());
  with.url.replace(with.url.find(here), here.size(), "127.0.0.1:1,localhost:" + std::to_string(server.port()));
  run(open(with)->ping());
  with.url = server.url_of_socket();
  run(open(with)->ping());
}

TEST_F(Postgres, WhatCannotBeReachedIsSaidWithoutThePassword) {
  auto with = options();
  auto const password = with.url.find("s3cret");
  auto const said = [&](std::string const& url) -> std::string {
    try {
      run(open({.url = url})->ping());
    } catch (Error const& error) {
      return error.what();
    }
    return {};
  };
  auto wrong = with.url;
  wrong.replace(password, 6, "wr0ng!");
  EXPECT_NE(said(wrong).find("password authentication failed"), std::string::npos) << said(wrong);
  EXPECT_EQ(said(wrong).find("wr0ng"), std::string::npos) << said(wrong);
  EXPECT_NE(said("postgres://u:s3cret@127.0.0.1:1/x").find("refused"), std::string::npos);
  for (auto const* malformed :
       {"mysql://u:s3cret@h/x", "postgres://u:s3cret%ZZ@h/x", "postgres://u:s3cret@h/x?nothing=such",
        "postgres://u:s3cret@/x?host=a,b,c&port=1,2", "postgres://u:s3cret@[::1/x"}) {
    EXPECT_NE(said(malformed), "") << malformed;
    EXPECT_EQ(said(malformed).find("s3cret"), std::string::npos) << said(malformed);
  }
  EXPECT_NE(said("postgres://u:s3cret@no-such-host.invalid/x").find("cannot be resolved"), std::string::npos);
}

TEST_F(Postgres, EncryptsAsTheUrlAsks) {
  auto with = options();
  with.url = test::PostgresServer::shared().url("sslmode=require");
  EXPECT_THROW(std::rethrow_exception(run(failure_of(open(with)->ping()))), Error) << "this one has no certificate";

  test::PostgresServer server;
  auto const key = server.write("key.pem", "");
  auto const certificate = server.write("certificate.pem", "");
  auto const command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
      "subjectAltName=DNS:localhost -keyout " +
      key + " -out " + certificate + " 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  server.crash();
  server.set({"ssl=on", "ssl_key_file=" + key, "ssl_cert_file=" + certificate});
  server.start();
  static constexpr Statement is_encrypted{"is_encrypted", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"};
  with.url = server.url("sslmode=verify-full&sslrootcert=" + certificate);
  EXPECT_THROW(std::rethrow_exception(run(failure_of(open(with)->ping()))), Error) << "it is not called 127.0.0.1";
  with.url.replace(with.url.find("127.0.0.1"), 9, "localhost");
  EXPECT_TRUE(run(open(with)->query(is_encrypted)).front().get<bool>(0));
}

}  // namespace
}  // namespace balcao::db::postgres

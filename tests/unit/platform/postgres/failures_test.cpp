// What callers are told when the server is slow, in conflict with itself, or gone.
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

class PostgresFailures : public test::PostgresTest {
 protected:
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

  /// Short deadlines are for what comes after connecting, however long that takes on a busy machine.
  void await_connection(Database& database) {
    run(test::until([&]() -> Task<bool> {
      auto const ask = [](Transaction& transaction) -> Task<> { co_await transaction.query(my_process); };
      co_return !co_await failure_of(database.ping()) && !co_await failure_of(database.transaction(ask));
    }));
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

TEST_F(PostgresFailures, ASlowStatementIsCancelledAndHarmsNoOther) {
  auto with = options();
  with.statement_timeout = 500ms;
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

TEST_F(PostgresFailures, AFullQueueRefusesAtOnce) {
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

TEST_F(PostgresFailures, WaitingHasADeadline) {
  auto with = options();
  with.in_flight_limit = 1;
  with.connections_per_loop = 1;
  with.deadline = 50ms;
  with.statement_timeout = 2000ms;
  auto const database = open(with);
  await_connection(*database);
  bool is_asleep = true;
  auto const sleeper = [&]() -> Task<> {
    EXPECT_EQ(status_of(co_await failure_of(database->query(sleep_long))), 503);
    is_asleep = false;
  };
  auto const waiter = [&]() -> Task<> {
    EXPECT_EQ(status_of(co_await failure_of(database->query(my_process))), 503);
    EXPECT_TRUE(is_asleep);
  };
  std::vector<Task<>> calls;
  calls.push_back(sleeper());
  calls.push_back(waiter());
  for (auto const& failure : run_together(std::move(calls))) EXPECT_EQ(failure, nullptr);
}

TEST_F(PostgresFailures, ReadsUnderWayOnALostConnectionAreReadElsewhere) {
  auto const database = open_with_notes();
  auto const other = open(options());
  static constexpr Statement nap{"nap", "SELECT count(*) FROM pg_sleep(0.3) AS napping"};
  auto const failure = failure_beside(drop_result(database->query(nap)), [&]() -> Task<> {
    co_await until_active(*other, "AS napping");
    co_await other->query(end_active, "AS napping");
  }());
  EXPECT_EQ(status_of(failure), 0);
}

TEST_F(PostgresFailures, AWriteUnderWayOnALostConnectionIsUnknown) {
  auto const database = open_with_notes();
  auto const other = open(options());
  auto const failure = failure_beside(drop_result(database->query(slow_insert, 1)), [&]() -> Task<> {
    co_await until_active(*other, "'slow' FROM");
    co_await other->query(end_active, "'slow' FROM");
  }());
  EXPECT_TRUE(is_unknown(failure));
  run(insert_note(*database, 2, "the connection is made anew"));
}

TEST_F(PostgresFailures, ATransactionOnALostConnectionIsUndone) {
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
TEST_F(PostgresFailures, AConnectionThatFallsSilentIsReplaced) {
  auto with = options();
  with.connections_per_loop = 1;
  with.statement_timeout = 100ms;
  with.deadline = 200ms;
  auto const database = open_with_notes(with);
  await_connection(*database);
  auto const process = static_cast<pid_t>(run(database->query(my_process)).front().get<int>(0));
  ASSERT_EQ(::kill(process, SIGSTOP), 0);
  std::vector<Task<>> calls;
  calls.push_back(insert_note(*database, 1, "a"));
  auto const failures = run_together(std::move(calls));
  EXPECT_TRUE(is_unknown(failures.front()));
  await_connection(*database);
  EXPECT_NE(run(database->query(my_process)).front().get<int>(0), process);
  ::kill(process, SIGCONT);
}

/// Each of them is quicker than a statement may be; the server is not silent, so nothing is in doubt.
TEST_F(PostgresFailures, SlowWritesThatAreSentTogetherAreNotCutWhileTheServerAnswers) {
  static constexpr Statement slow{"slow", "INSERT INTO shop.notes SELECT $1, 'slow' FROM pg_sleep(0.6)"};
  auto with = options();
  with.connections_per_loop = 1;
  with.statement_timeout = 2000ms;
  with.deadline = 500ms;
  auto const database = open_with_notes(with);
  await_connection(*database);
  std::vector<Task<>> calls;
  for (int id = 0; id < 8; ++id) calls.push_back(drop_result(database->query(slow, id)));
  for (auto const& failure : run_together(std::move(calls))) EXPECT_FALSE(is_unknown(failure));
  EXPECT_EQ(run(count_notes(*database)), 8);
}

/// The server has not been sent the end of it, so it has done nothing.
TEST_F(PostgresFailures, AWriteThatWasNotSentToItsEndIsRefusedAndNotUnknown) {
  auto with = options();
  with.connections_per_loop = 1;
  with.statement_timeout = 100ms;
  with.deadline = 200ms;
  auto const database = open_with_notes(with);
  await_connection(*database);
  auto const process = static_cast<pid_t>(run(database->query(my_process)).front().get<int>(0));
  ASSERT_EQ(::kill(process, SIGSTOP), 0);
  auto const failure = run(failure_of(insert_note(*database, 1, std::string(64 * 1024 * 1024, 'a'))));
  ::kill(process, SIGCONT);
  EXPECT_EQ(status_of(failure), 503);
  EXPECT_FALSE(is_unknown(failure));
  await_connection(*database);
  // Once the server has ended the other connection, it can do nothing more of it.
  static constexpr Statement is_there{"is_there", "SELECT count(*) FROM pg_stat_activity WHERE pid = $1"};
  run(test::until(
      [&]() -> Task<bool> { co_return (co_await database->query(is_there, process)).front().get<int>(0) == 0; }));
  EXPECT_EQ(run(count_notes(*database)), 0);
}

TEST_F(PostgresFailures, ATransactionHasADeadline) {
  auto with = options();
  with.deadline = 200ms;
  auto const database = open_with_notes(with);
  await_connection(*database);
  auto const dawdle = [&](Transaction& transaction) -> Task<> {
    co_await transaction.query(insert, 1, "a");
    // This waits for the lock, which goes with the deadline; on a busy machine it may itself wait too long.
    while (status_of(co_await failure_of(insert_note(*database, 1, "other"))) == 503) {
    }
    co_await transaction.query(insert, 2, "too late");
  };
  EXPECT_EQ(status(database->transaction(dawdle)), 503);
  ASSERT_EQ(run(count_notes(*database)), 1);
  EXPECT_EQ(run(database->query(find, 1)).front().get<std::string>(0), "other");
  EXPECT_EQ(status(database->transaction([&](Transaction&) -> Task<> { co_await pause(400ms); })), 0);
}

TEST_F(PostgresFailures, TransactionsWaitTheirTurnAndKeepNobodyElseWaiting) {
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

TEST_F(PostgresFailures, ATransactionThatAnotherWasInTheWayOfIsTriedAgain) {
  auto const database = open_with_notes();
  run(insert_note(*database, 1, "a"));
  static constexpr Statement change{"change", "UPDATE shop.notes SET text = text || 'b' WHERE id = 1"};
  int attempts = 0;
  int in_the_way = 1;
  auto const work = [&](Transaction& transaction) -> Task<> {
    co_await transaction.query(find, 1);
    if (++attempts <= in_the_way) co_await database->query(change);
    co_await transaction.query(change);
  };
  EXPECT_EQ(status(database->transaction(work)), 0);
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(run(database->query(find, 1)).front().get<std::string>(0), "abb") << "neither change is lost";

  attempts = 0;
  in_the_way = 10;
  EXPECT_EQ(status(database->transaction(work)), 503);
  EXPECT_EQ(attempts, 3);
  EXPECT_EQ(run(database->query(find, 1)).front().get<std::string>(0), "abbbbb") << "only the others' are done";
}

/// Each of two batches holds the row that the other wants next: the server undoes one, which is then sent again.
TEST_F(PostgresFailures, OfTwoBatchesInADeadlockBothAreDone) {
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
TEST_F(PostgresFailures, ATransactionWhoseStatementNoLongerFitsIsUndoneOnce) {
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

}  // namespace
}  // namespace balcao::db::postgres

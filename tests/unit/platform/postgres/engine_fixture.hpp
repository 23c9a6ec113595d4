#pragma once

#include "platform/db/postgres/postgres.hpp"
#include "platform/runtime/loops.hpp"
#include "server.hpp"

namespace balcao::test {

/// What happens on a loop that never runs out of work, as those of a program.
template <class T>
T run_on(Loops& loops, Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    run_to_end(loops[0], std::move(task));
  } else {
    std::optional<T> result;
    auto const keep = [](Task<T> awaited, std::optional<T>& kept) -> Task<> { kept = co_await std::move(awaited); };
    run_to_end(loops[0], keep(std::move(task), result));
    return std::move(*result);
  }
}

/// Awaits what `call` gives, and says whether it threw.
template <class Call>
Task<> note_failure(Call call, std::function<void(std::exception_ptr)> note) {
  note(co_await failure_of(call()));
}

/// The tests' table, in the schema `shop`, in either engine.
class NotesTest : public testing::Test {
 protected:
  static constexpr db::Statement insert{"insert", "INSERT INTO shop.notes (id, text) VALUES ($1, $2)"};
  static constexpr db::Statement count{"count", "SELECT count(*) FROM shop.notes"};
  static constexpr std::string_view notes_table =
      "CREATE TABLE shop.notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL CONSTRAINT notes_text_check CHECK (text <> "
      "'bad'))";

  template <class T>
  T run(Task<T> task) {
    return run_on(loops, std::move(task));
  }

  /// Starts each, and runs the loop until all have ended; gives what they threw.
  std::vector<std::exception_ptr> run_together(std::vector<Task<>> tasks) {
    std::vector<std::exception_ptr> failures;
    auto const total = tasks.size();
    run(together(std::move(tasks), failures, total));
    return failures;
  }

  static db::Call note(int id, std::string_view text) { return db::call(insert, id, text); }

  static Task<std::int64_t> count_notes(db::Database& database) {
    auto const rows = co_await database.query(count);
    co_return rows.front().get<std::int64_t>(0);
  }

  static Task<> insert_note(db::Database& database, int id, std::string text) {
    co_await database.query(insert, id, text);
  }

  Loops loops{1};

 private:
  static Task<> one(Task<> task, std::vector<std::exception_ptr>& failures) {
    failures.push_back(co_await failure_of(std::move(task)));
  }

  static Task<> together(std::vector<Task<>> tasks, std::vector<std::exception_ptr>& failures, std::size_t total) {
    auto const loop = co_await boost::asio::this_coro::executor;
    for (auto& task : tasks) {
      boost::asio::co_spawn(loop, one(std::move(task), failures), [](std::exception_ptr) {});
    }
    co_await until([&] { return failures.size() == total; });
  }
};

/// The same on PostgreSQL, with a fresh schema for each test.
class PostgresTest : public NotesTest {
 protected:
  db::postgres::Options options() const { return {.url = PostgresServer::shared().url()}; }

  std::unique_ptr<db::Database> open(db::postgres::Options with) {
    return db::postgres::open(db::postgres::connect(loops, std::move(with)), "shop");
  }

  std::unique_ptr<db::Database> open_with_notes(db::postgres::Options with) {
    auto database = open(std::move(with));
    run(database->execute_script("DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; " +
                                 std::string(notes_table)));
    return database;
  }
  std::unique_ptr<db::Database> open_with_notes() { return open_with_notes(options()); }
};

}  // namespace balcao::test

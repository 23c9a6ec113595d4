#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/db/value.hpp"
#include "platform/problem.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::db {

/// One SQL text for both engines, with a name for logs, metrics and prepared statements. Parameters are `$1`, `$2`, …
/// Declared once, as a constant (or an OwnedStatement): drivers prepare it once a connection and know it by its text.
struct Statement {
  std::string_view name;
  std::string_view sql;

  /// Whether it only reads; such a statement begins with SELECT.
  constexpr bool reads() const { return sql.starts_with("SELECT"); }
};

/// A statement with its parameters, for a batch.
struct Call {
  Statement const* statement;
  std::vector<Value> params;
};

template <class... Args>
Call call(Statement const& statement, Args const&... args) {
  return {&statement, {to_value(args)...}};
}

/// Statements that are sent one by one and take effect together. It lives inside `Database::transaction` only.
class Transaction {
 public:
  virtual ~Transaction() = default;

  template <class... Args>
  Task<Rows> query(Statement const& statement, Args const&... args) {
    return run(call(statement, args...));
  }

  /// The same for a call made elsewhere.
  Task<Rows> query(Call prepared) { return run(std::move(prepared)); }

 private:
  virtual Task<Rows> run(Call call) = 0;
};

/// Another transaction was in the way (a serialization failure or a deadlock), and nothing has been done: the same may
/// go well a moment later.
class Conflict : public Problem {
 public:
  Conflict() : Problem(overloaded("The database is busy", "O banco de dados está ocupado")) {}
};

/// One service's schema in the database.
///
/// Call it from coroutines on any event loop; the caller is resumed on its own loop. Every call has a deadline: what
/// waits too long, or finds the queue full, fails with a Problem `unavailable` (503) and has changed nothing. A write
/// whose connection is lost may be done or not: UnknownOutcome, a Problem too. A failing engine throws db::Error. What
/// is acknowledged is durable.
class Database {
 public:
  virtual ~Database() = default;

  /// One statement, atomic by itself.
  template <class... Args>
  Task<Rows> query(Statement const& statement, Args const&... args) {
    return run(call(statement, args...));
  }

  /// The same for a statement whose parameters are gathered at run time.
  Task<Rows> query(Call prepared) { return run(std::move(prepared)); }

  /// Several statements, all or none, in one round trip; gives the result of each. `calls` must not be empty.
  virtual Task<std::vector<Rows>> batch(std::vector<Call> calls) = 0;

  /// For what must read, decide and write: `work(Transaction&)` is a coroutine; what it throws rolls everything back
  /// and is passed on. It sees nothing of what others do meanwhile; where that cannot be had, it is called again, three
  /// times at most, so it must do nothing but ask the database. Prefer `query`, then `batch`: an open transaction holds
  /// the writer (SQLite) or a connection.
  template <class Work>
  auto transaction(Work work) -> decltype(work(std::declval<Transaction&>())) {
    for (int attempt = 1;; ++attempt) {
      try {
        auto open = co_await begin();
        if constexpr (std::is_same_v<decltype(work(std::declval<Transaction&>())), Task<void>>) {
          co_await work(*open);
          co_await commit(std::move(open));
          co_return;
        } else {
          auto result = co_await work(*open);
          co_await commit(std::move(open));
          co_return result;
        }
      } catch (Conflict const&) {
        if (attempt == attempts) throw;
      }
    }
  }

  /// SQL given at run time, several statements, in one transaction, with no parameters: for migrations only.
  virtual Task<> execute_script(std::string script) = 0;

  /// The engine's name as migrations know it: "sqlite" or "postgres".
  virtual std::string_view engine() const = 0;

  /// Resolves when the engine answers; throws what keeps it from that. For readiness.
  virtual Task<> ping() = 0;

 private:
  static constexpr int attempts = 3;

  virtual Task<Rows> run(Call call) = 0;
  /// A Transaction that is destroyed without `commit` is rolled back.
  virtual Task<std::unique_ptr<Transaction>> begin() = 0;
  virtual Task<> commit(std::unique_ptr<Transaction> transaction) = 0;
};

/// The engine failed: a broken file, a full disk, a lost connection, a violated constraint that no rule expected.
class Error : public std::runtime_error {
 public:
  explicit Error(std::string const& what, std::string sqlstate = {}, std::string constraint = {})
      : std::runtime_error(what), sqlstate_(std::move(sqlstate)), constraint_(std::move(constraint)) {}

  /// PostgreSQL's code for it, and the name of the constraint that was violated; empty where there is none.
  std::string const& sqlstate() const { return sqlstate_; }
  std::string const& constraint() const { return constraint_; }

 private:
  std::string sqlstate_;
  std::string constraint_;
};

}  // namespace balcao::db

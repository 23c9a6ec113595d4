#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/prepared_statements.hpp"
#include "platform/db/sqlite/sqlite.hpp"
#include "platform/db/sqlite/waiter.hpp"

namespace balcao::db::sqlite {

/// One SQLite connection with the file attached under the schema's name. One thread at a time.
///
/// It throws what the caller of the Database gets: Problem `unavailable` where the engine is busy, out of time or out
/// of disk and has changed nothing, db::Error otherwise.
class Connection {
 public:
  enum class Mode { write, read };

  /// Throws db::Error with a message for the operator.
  Connection(Options const& options, Mode mode);
  Connection(Connection const&) = delete;  // SQLite keeps the address of deadline_

  Rows run(Call const& call);
  Rows run(Statement const& statement) { return run(Call{&statement, {}}); }

  /// Several statements without parameters.
  void run_script(std::string const& script);

  /// Undoes an open transaction, if there is one.
  void rollback() noexcept;
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

  /// How long the next statements wait for the lock of another process.
  void wait_for_lock_until(Deadline deadline);

  /// The next statements are interrupted at `deadline`. For reads: an interrupted write undoes its whole transaction.
  void interrupt_at(Deadline deadline) { deadline_ = deadline; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, Finalize> handle;
    std::vector<std::size_t> parameters;  ///< for each of SQLite's parameters, its position in Call::params
  };

  void attach(Options const& options);
  void configure(Mode mode);
  void set_up(std::string const& sql, std::string_view expected = {});
  [[noreturn]] void refuse_file() const;

  Prepared& prepared(Statement const& statement);
  Prepared prepare(Statement const& statement);
  [[noreturn]] void fail(std::string_view statement) const;

  std::string file_;
  std::string schema_;
  Deadline deadline_ = Deadline::max();
  std::unique_ptr<sqlite3, Close> handle_;
  PreparedStatements<Prepared> statements_;  // after handle_: finalized before it is closed
};

}  // namespace balcao::db::sqlite

#include "platform/db/sqlite/connection.hpp"

#include <charconv>
#include <limits>

#include "platform/telemetry/log.hpp"

namespace balcao::db::sqlite {
namespace {

constexpr Statement rollback_all{"rollback", "ROLLBACK"};

/// Text and blobs are not copied: the call outlives the step, and the bindings are cleared after it.
int bind(sqlite3_stmt* statement, int index, Value const& value) {
  return std::visit(
      [&](auto const& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return sqlite3_bind_null(statement, index);
        } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t>) {
          return sqlite3_bind_int64(statement, index, held);
        } else if constexpr (std::is_same_v<T, double>) {
          return sqlite3_bind_double(statement, index, held);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return sqlite3_bind_text64(statement, index, held.data(), held.size(), SQLITE_STATIC, SQLITE_UTF8);
        } else if constexpr (std::is_same_v<T, Time>) {
          return sqlite3_bind_int64(statement, index, held.time_since_epoch().count());
        } else if constexpr (std::is_same_v<T, Uuid>) {
          auto const text = held.str();
          return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
        } else {
          static_assert(std::is_same_v<T, Bytes>);
          return sqlite3_bind_blob64(statement, index, held.data.data(), held.data.size(), SQLITE_STATIC);
        }
      },
      value);
}

Value decode(sqlite3_stmt* statement, int column) {
  auto const bytes = [&](void const* data) {
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return size == 0 ? std::string() : std::string(static_cast<char const*>(data), size);
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
      return bytes(sqlite3_column_text(statement, column));
    case SQLITE_BLOB:
      return Bytes{bytes(sqlite3_column_blob(statement, column))};
    default:
      return std::monostate{};
  }
}

Row decode_row(sqlite3_stmt* statement) {
  int const count = sqlite3_column_count(statement);
  std::vector<Value> columns;
  columns.reserve(static_cast<std::size_t>(count));
  for (int column = 0; column < count; ++column) columns.push_back(decode(statement, column));
  return Row(std::move(columns));
}

/// The position in Call::params of the parameter that SQLite calls `$1` (or `$1::uuid`: to SQLite a PostgreSQL cast is
/// part of the name, so a statement may carry one).
std::size_t position_of(char const* name, Statement const& statement) {
  std::string_view const text = name == nullptr ? "" : name;
  std::size_t number = 0;
  if (text.starts_with('$')) std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (number == 0)
    throw std::logic_error("statement " + std::string(statement.name) + ": a parameter is not $1, $2, …");
  return number - 1;
}

}  // namespace

Rows Connection::run(Call const& call) {
  Prepared& prepared = this->prepared(*call.statement);
  sqlite3_stmt* const statement = prepared.handle.get();
  struct Reset {
    sqlite3_stmt* statement;
    ~Reset() {
      sqlite3_reset(statement);
      sqlite3_clear_bindings(statement);
    }
  } const reset{statement};

  for (std::size_t i = 0; i < prepared.parameters.size(); ++i) {
    auto const position = prepared.parameters[i];
    if (position >= call.params.size()) {
      throw std::logic_error("statement " + std::string(call.statement->name) + ": too few parameters");
    }
    if (bind(statement, static_cast<int>(i + 1), call.params[position]) != SQLITE_OK) fail(call.statement->name);
  }

  Rows rows;
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) rows.rows.push_back(decode_row(statement));
  if (code != SQLITE_DONE) fail(call.statement->name);
  if (sqlite3_stmt_readonly(statement) == 0) rows.affected = sqlite3_changes64(handle_.get());
  return rows;
}

void Connection::run_script(std::string const& script) {
  if (sqlite3_exec(handle_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("script");
}

void Connection::rollback() noexcept {
  if (!in_transaction()) return;
  try {
    run(rollback_all);
  } catch (std::exception const& fault) {
    log::error("database_rollback_failed", {{"schema", schema_}, {"cause", fault.what()}});
  }
}

void Connection::wait_for_lock_until(Deadline deadline) {
  auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  sqlite3_busy_timeout(handle_.get(), static_cast<int>(std::clamp<std::int64_t>(left, 1, 60'000)));
}

Connection::Prepared& Connection::prepared(Statement const& statement) {
  if (auto* const known = statements_.find(statement)) return *known;
  statements_.keep(statement, prepare(statement));  // finalizes those that go: none of them runs now
  return *statements_.find(statement);
}

Connection::Prepared Connection::prepare(Statement const& statement) {
  Prepared prepared;
  sqlite3_stmt* handle = nullptr;
  char const* rest = nullptr;
  int const code = sqlite3_prepare_v3(handle_.get(), statement.sql.data(), static_cast<int>(statement.sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, &rest);
  std::unique_ptr<sqlite3_stmt, Finalize> owned(handle);
  if (code != SQLITE_OK) fail(statement.name);
  if (!owned || std::string_view(rest).find_first_not_of("; \n\t") != std::string_view::npos) {
    throw std::logic_error("statement " + std::string(statement.name) + ": not exactly one SQL statement");
  }
  for (int i = 1; i <= sqlite3_bind_parameter_count(handle); ++i) {
    prepared.parameters.push_back(position_of(sqlite3_bind_parameter_name(handle, i), statement));
  }
  prepared.handle = std::move(owned);
  return prepared;
}

void Connection::fail(std::string_view statement) const {
  switch (sqlite3_errcode(handle_.get()) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw overloaded("The database is busy", "O banco de dados está ocupado");
    case SQLITE_INTERRUPT:
      throw overloaded("The database took too long to answer", "O banco de dados demorou demais para responder");
    case SQLITE_FULL:
      log::error("database_disk_full", {{"schema", schema_}, {"file", file_}});
      throw overloaded("The database cannot store anything right now", "O banco de dados não consegue gravar agora");
    default:
      break;
  }
  throw Error("sqlite " + schema_ + ": " + std::string(statement) + ": " + sqlite3_errmsg(handle_.get()));
}

}  // namespace balcao::db::sqlite

// How a Connection comes to be: the file, the engine's settings, and what the operator is told when it does not work.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "platform/db/sqlite/connection.hpp"

namespace balcao::db::sqlite {
namespace {

/// SQLite would create it for everybody to read. What stands beside it (`-wal`, `-shm`) follows its mode.
void create_private(std::filesystem::path const& file) {
  int const descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    ::close(descriptor);
    return;
  }
  // A file that is there is not opened here: closing it would drop the locks that this process holds on it (POSIX).
  if (errno == EEXIST) return;
  throw Error("cannot create the database file " + file.string() + ": " + std::generic_category().message(errno) +
              "; make its directory exist and writable for this user, or choose another data directory");
}

bool is_identifier(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

int is_late(void* deadline) {
  return std::chrono::steady_clock::now() >= *static_cast<Deadline const*>(deadline) ? 1 : 0;
}

}  // namespace

Connection::Connection(Options const& options, Mode mode) : file_(options.file.string()), schema_(options.schema) {
  if (!is_identifier(schema_)) throw std::logic_error("a schema's name has the letters a-z and _ only");
  // Statistics of memory would make all threads of all connections meet at one lock. Has no effect once SQLite is in
  // use.
  static int const without_statistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(without_statistics);

  create_private(options.file);
  attach(options);
  configure(mode);
  if (mode == Mode::read) {
    static constexpr int steps_between_looks = 1000;
    sqlite3_progress_handler(handle_.get(), steps_between_looks, &is_late, &deadline_);
  }
}

void Connection::attach(Options const& options) {
  sqlite3* handle = nullptr;
  int const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int const code = sqlite3_open_v2(":memory:", &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) throw Error(std::string("cannot start SQLite: ") + sqlite3_errstr(code));
  sqlite3_busy_timeout(handle, static_cast<int>(options.deadline.count()));

  // Double quotes are for names alone, as in PostgreSQL; and SQL cannot damage the file's own tables.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);

  std::string quoted;
  for (char const c : file_) quoted.append(c == '\'' ? 2 : 1, c);
  set_up("ATTACH '" + quoted + "' AS " + schema_);
}

void Connection::configure(Mode mode) {
  set_up("PRAGMA trusted_schema = OFF");
  set_up("PRAGMA foreign_keys = ON");
  set_up("PRAGMA temp_store = MEMORY");
  set_up("SELECT count(*) FROM " + schema_ + ".sqlite_schema");  // a file that is no database shows itself here
  if (mode == Mode::read) {
    set_up("PRAGMA " + schema_ + ".cache_size = -512");
    set_up("PRAGMA query_only = ON");
    return;
  }
  set_up("PRAGMA " + schema_ + ".journal_mode = WAL", "wal");
  set_up("PRAGMA " + schema_ + ".synchronous = FULL");
  set_up("PRAGMA " + schema_ + ".cache_size = -2048");
  set_up("PRAGMA " + schema_ + ".journal_size_limit = 16777216");  // a long WAL is cut back after its checkpoint
  set_up("PRAGMA wal_autocheckpoint = 1000");
  set_up("BEGIN IMMEDIATE");  // read-only or held by another process: better known now than at the first write
  set_up("ROLLBACK");
}

void Connection::set_up(std::string const& sql, std::string_view expected) {
  std::string first;
  auto const keep_first = [](void* to, int count, char** columns, char**) {
    if (count > 0 && columns[0] != nullptr) *static_cast<std::string*>(to) = columns[0];
    return 0;
  };
  if (sqlite3_exec(handle_.get(), sql.c_str(), keep_first, &first, nullptr) != SQLITE_OK) refuse_file();
  if (!expected.empty() && first != expected) throw Error("the database file " + file_ + " refuses: " + sql);
}

void Connection::refuse_file() const {
  auto const subject = "the database file " + file_;
  switch (sqlite3_errcode(handle_.get()) & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      throw Error(subject +
                  " is damaged or not a SQLite database; restore it from a backup, or move it away to start anew");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(subject + " is locked by another process; stop that process, or try again later");
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw Error(subject + " is read-only; let this user write it, the files beside it, and its directory");
    case SQLITE_CANTOPEN:
      throw Error(subject +
                  " cannot be opened; let this user read and write it, the files beside it, and its directory");
    case SQLITE_FULL:
      throw Error(subject + " cannot be written: the disk is full; free some space");
    default:
      throw Error(subject + " cannot be used: " + sqlite3_errmsg(handle_.get()));
  }
}

}  // namespace balcao::db::sqlite

#include "platform/db/migrations.hpp"

#include <algorithm>
#include <charconv>

#include "platform/crypto/hash.hpp"

namespace balcao::db {
namespace {

/// One row of `schema_migrations`.
struct Record {
  int version;
  std::string checksum;
  int works_with;
  Time applied_at;
};

/// What differs between the engines.
struct Dialect {
  std::string_view find_table;  ///< one row if the table of records is there; $1 is the schema
  std::string (*begin_step)(std::string const& schema);
  std::string_view time_type;
  std::string (*time_literal)(Time);
};

Dialect const& dialect_of(Database const& database) {
  static Dialect const sqlite{"SELECT name FROM pragma_table_list WHERE schema = $1 AND name = 'schema_migrations'",
                              [](std::string const&) { return std::string(); }, "INTEGER",
                              [](Time time) { return std::to_string(time.time_since_epoch().count()); }};
  // `IF NOT EXISTS` does not wait for another process that is creating the same; the lock does, until the step is done.
  static Dialect const postgres{
      "SELECT table_name FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'schema_migrations'",
      [](std::string const& schema) {
        return "SELECT pg_advisory_xact_lock(hashtextextended('balcao schema " + schema +
               "', 0));\nCREATE SCHEMA IF NOT EXISTS " + schema + ";\n";
      },
      "timestamptz", [](Time time) { return "TIMESTAMPTZ '" + to_rfc3339(time) + "'"; }};
  return database.engine() == "sqlite" ? sqlite : postgres;
}

std::string sql_text(std::string_view text) {
  std::string literal = "'";
  for (char const c : text) literal.append(c == '\'' ? 2 : 1, c);
  return literal + "'";
}

std::string checksum_of(Migration const& migration) { return crypto::to_hex(crypto::sha256(migration.sql)); }

int works_with(Migration const& migration) {
  static constexpr std::string_view header = "-- works-with:";
  std::string_view const sql = migration.sql;
  if (!sql.starts_with(header)) return migration.version - 1;
  auto line = sql.substr(header.size(), sql.find('\n') - header.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  int version = 0;
  auto const [end, fault] = std::from_chars(line.data(), line.data() + line.size(), version);
  if (fault != std::errc{} || line.find_first_not_of(" \r", static_cast<std::size_t>(end - line.data())) != line.npos) {
    throw std::logic_error("migration " + migration.name + ": its first line is not `-- works-with: N`");
  }
  return version;
}

std::vector<Migration> in_order(std::vector<Migration> migrations) {
  std::ranges::sort(migrations, {}, &Migration::version);
  auto const twice = std::ranges::adjacent_find(migrations, {}, &Migration::version);
  if (twice != migrations.end())
    throw std::logic_error("two migrations have version " + std::to_string(twice->version));
  return migrations;
}

Task<std::vector<Record>> read_records(Database& database, std::string schema) {
  Statement const find_table{"find_migrations", dialect_of(database).find_table};
  std::vector<Record> records;
  if ((co_await database.query(find_table, schema)).empty()) co_return records;

  std::string const sql =
      "SELECT version, checksum, works_with, applied_at FROM " + schema + ".schema_migrations ORDER BY version";
  Statement const read{"read_migrations", sql};
  for (Row const& row : co_await database.query(read)) {
    records.push_back({row.get<int>(0), row.get<std::string>(1), row.get<int>(2), row.get<Time>(3)});
  }
  co_return records;
}

/// Throws SchemaMismatch unless this program may use, and bring forward, a schema with these records.
void check(std::string const& schema, std::vector<Migration> const& migrations, std::vector<Record> const& records) {
  int const newest_known = migrations.empty() ? 0 : migrations.back().version;
  for (Record const& record : records) {
    auto const step = "schema " + schema + ": step " + std::to_string(record.version);
    auto const known = std::ranges::find(migrations, record.version, &Migration::version);
    if (known == migrations.end()) {
      bool const from_the_future = record.version > newest_known;
      if (from_the_future && record.works_with <= newest_known) continue;
      throw SchemaMismatch(step + " was applied by " + (from_the_future ? "a newer" : "another") +
                           " version of this program, which this one cannot work with; it needs at least schema " +
                           std::to_string(record.works_with) + " and this one knows " + std::to_string(newest_known));
    }
    if (checksum_of(*known) != record.checksum) {
      throw SchemaMismatch(step + " (" + known->name + ") has another text than when it was applied");
    }
  }
  for (std::size_t i = 0; i < std::min(migrations.size(), records.size()); ++i) {
    if (migrations[i].version != records[i].version) {
      throw SchemaMismatch("schema " + schema + ": step " + std::to_string(migrations[i].version) +
                           " was never applied, though a later one was");
    }
  }
}

/// The step and its record, as one script. The record comes first: when two processes start at once, its primary key
/// makes one of them wait, and then fail without having done anything.
std::string script_of(Dialect const& dialect, std::string const& schema, Migration const& migration, Time now) {
  std::string script = dialect.begin_step(schema);
  script += "CREATE TABLE IF NOT EXISTS " + schema +
            ".schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, "
            "works_with INTEGER NOT NULL, applied_at " +
            std::string(dialect.time_type) + " NOT NULL);\n";
  script += "INSERT INTO " + schema + ".schema_migrations (version, name, checksum, works_with, applied_at) VALUES (" +
            std::to_string(migration.version) + ", " + sql_text(migration.name) + ", " +
            sql_text(checksum_of(migration)) + ", " + std::to_string(works_with(migration)) + ", " +
            dialect.time_literal(now) + ");\n";
  return script + migration.sql + "\n";
}

bool is_applied(std::vector<Record> const& records, Migration const& migration) {
  return std::ranges::find(records, migration.version, &Record::version) != records.end();
}

/// Where its outcome is unknown too, the records tell.
Task<std::optional<Error>> failure_of_script(Database& database, std::string script) {
  try {
    co_await database.execute_script(std::move(script));
  } catch (Error const& error) {
    co_return error;
  } catch (UnknownOutcome const& unknown) {
    co_return Error(unknown.what());
  }
  co_return std::nullopt;
}

/// Whether it was this process that applied it.
Task<bool> apply(Database& database, std::string schema, std::vector<Migration> migrations, Migration step, Time now) {
  auto const failure = co_await failure_of_script(database, script_of(dialect_of(database), schema, step, now));
  if (!failure) co_return true;
  auto const records = co_await read_records(database, schema);
  check(schema, migrations, records);
  if (is_applied(records, step)) co_return false;
  auto const named = "schema " + schema + ": step " + std::to_string(step.version) + " (" + step.name + ")";
  throw Error(named + " cannot be applied: " + failure->what(), failure->sqlstate(), failure->constraint());
}

}  // namespace

Task<int> migrate(Database& database, std::string schema, std::vector<Migration> migrations, Time now) {
  migrations = in_order(std::move(migrations));
  auto const records = co_await read_records(database, schema);
  check(schema, migrations, records);

  int applied = 0;
  for (Migration const& migration : migrations) {
    if (is_applied(records, migration)) continue;
    if (co_await apply(database, schema, migrations, migration, now)) ++applied;
  }
  co_return applied;
}

Task<> let_use(Database& owner, std::string schema, Database& user) {
  static constexpr Statement who{"current_user", "SELECT quote_ident(current_user)"};
  auto const role = (co_await user.query(who)).front().get<std::string>(0);
  if (role == (co_await owner.query(who)).front().get<std::string>(0)) co_return;
  // Under the lock of the steps, since two GRANTs on the same thing at once fail.
  co_await owner.execute_script(dialect_of(owner).begin_step(schema) + "GRANT USAGE ON SCHEMA " + schema + " TO " +
                                role + ";\nGRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema +
                                " TO " + role + ";\nREVOKE INSERT, UPDATE, DELETE ON " + schema +
                                ".schema_migrations FROM " + role + ";\n");
}

Task<std::vector<MigrationState>> migration_status(Database& database, std::string schema,
                                                   std::vector<Migration> migrations) {
  migrations = in_order(std::move(migrations));
  auto const records = co_await read_records(database, schema);
  check(schema, migrations, records);

  std::vector<MigrationState> states;
  for (Migration& migration : migrations) {
    auto const record = std::ranges::find(records, migration.version, &Record::version);
    auto const applied_at = record == records.end() ? std::nullopt : std::optional(record->applied_at);
    states.push_back({std::move(migration), applied_at});
  }
  co_return states;
}

}  // namespace balcao::db

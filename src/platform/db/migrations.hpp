#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/database.hpp"

namespace balcao::db {

/// One forward step of a schema. `sql` is the text for the engine in use. Its first line may be
/// `-- works-with: N`, the oldest schema version whose binary can still use the schema after this step;
/// left out it is the version before, so that version N−1 of the program keeps working on schema N.
struct Migration {
  int version;
  std::string name;
  std::string sql;
};

/// A schema that this program must not touch: newer than it knows, or with a step whose text has changed.
class SchemaMismatch : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct MigrationState {
  Migration migration;
  std::optional<Time> applied_at;
};

/// Applies, in order, the steps that `database` does not have yet, each in a transaction with its own record
/// (`<schema>.schema_migrations`: version, name, checksum, works_with, applied_at). Gives the number applied.
/// Throws SchemaMismatch before anything is changed.
Task<int> migrate(Database& database, std::string schema, std::vector<Migration> migrations, Time now);

/// Lets the role of `user` work with the schema, which belongs to the role of `owner`: read and write its tables, and
/// read which steps are applied. PostgreSQL only.
Task<> let_use(Database& owner, std::string schema, Database& user);

/// What is applied and what is not. Throws SchemaMismatch as `migrate` does; changes nothing.
Task<std::vector<MigrationState>> migration_status(Database& database, std::string schema,
                                                   std::vector<Migration> migrations);

}  // namespace balcao::db

#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "platform/db/migrations.hpp"
#include "platform/runtime/loops.hpp"
#include "scratch_directory.hpp"

namespace balcao::test {

/// The database engine under test: SQLite in a directory of the test's own, or, where the environment says
/// BALCAO_TEST_ENGINE=postgres, the server that all tests of this process share.
class Engine {
 public:
  /// `loops` must outlive it, and the databases that it opens.
  explicit Engine(Loops& loops) : loops_(loops) {}

  static bool is_postgres();

  /// A schema that is opened for the first time is empty. Once more, it is as another process would see it, on
  /// connections of its own. On PostgreSQL the role is one that may do everything.
  std::unique_ptr<db::Database> open(std::string const& schema) { return open(schema, loops_); }
  std::unique_ptr<db::Database> open(std::string const& schema, Loops& loops);

  /// A service's database, its `migrations(engine)` applied at `now`. On PostgreSQL another role has migrated, and the
  /// one that this gives may read and write rows, and nothing else.
  template <class Migrations>
  std::unique_ptr<db::Database> open(std::string const& schema, Migrations const& migrations, Time now) {
    return open_migrated(schema, migrations(is_postgres() ? "postgres" : "sqlite"), now);
  }

 private:
  std::unique_ptr<db::Database> open_migrated(std::string schema, std::vector<db::Migration> migrations, Time now);

  Loops& loops_;
  ScratchDirectory directory_;
  std::set<std::string> opened_;
};

}  // namespace balcao::test

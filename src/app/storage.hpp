#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "platform/db/database.hpp"
#include "platform/db/migrations.hpp"
#include "platform/db/postgres/postgres.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app {

/// One service's schema: its database, and the steps that lead to it.
struct Schema {
  std::string name;
  std::vector<db::Migration> migrations;
  std::unique_ptr<db::Database> database;
};

/// Where the data is: schemas in PostgreSQL, or files of SQLite in a directory.
class Storage {
 public:
  struct Place {
    std::filesystem::path directory;           ///< of SQLite
    std::optional<std::string> url;            ///< of PostgreSQL, for the role that runs; none: SQLite
    std::optional<std::string> migration_url;  ///< the same for the role that migrates, if that is another
  };
  /// Of SQLite's files: `serve` excludes another `serve`; the command line works beside it.
  enum class Use { exclusive, shared };

  /// The schemas there are.
  static std::vector<std::string> all() { return {"auth", "payments", "products", "sandbox"}; }

  /// Opens the databases of the schemas named. With SQLite it makes the directory (mode 0700); throws StorageError,
  /// db::Error. With PostgreSQL it begins to connect, on `loops`, which must outlive it.
  Storage(Place place, Use use, Loops& loops, std::vector<std::string> names = all());
  ~Storage();

  std::vector<Schema>& schemas() { return schemas_; }
  db::Database& database(std::string_view schema) const;
  /// For people: the directory, or that it is PostgreSQL.
  std::string description() const;

  /// Resolves when the databases answer, for the role that runs and the one that migrates; throws what keeps them from
  /// that.
  Task<> ping();

  /// Brings every schema up to date, after all of them have been found usable: a newer one is left alone, and so are
  /// the others. Gives the number of steps. Throws db::SchemaMismatch.
  Task<int> migrate(Clock const& clock);

 private:
  Place const place_;
  std::vector<int> locks_;
  std::shared_ptr<db::postgres::Pool> migration_pool_;
  std::vector<Schema> schemas_;
};

/// What the settings say.
Storage::Place place_of(Config const& config);

/// The data directory or a database cannot be used; the message is for the operator.
class StorageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace balcao::app

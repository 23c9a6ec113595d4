#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/database.hpp"
#include "platform/db/migrations.hpp"

namespace balcao::app {

/// One service's schema: its database, and the steps that lead to it.
struct Schema {
  std::string name;
  std::vector<db::Migration> migrations;
  std::unique_ptr<db::Database> database;
};

/// The data directory with its schemas. One `serve` at a time may have it.
class Storage {
 public:
  enum class Use { exclusive, shared };  ///< `serve` excludes another `serve`; the command line works beside it

  /// The schemas there are.
  static std::vector<std::string> all() { return {"auth", "payments", "products", "sandbox"}; }

  /// Makes the directory (mode 0700) and opens the databases of the schemas named. Throws StorageError, db::Error.
  Storage(std::filesystem::path directory, Use use, std::vector<std::string> names = all());
  ~Storage();

  std::vector<Schema>& schemas() { return schemas_; }
  db::Database& database(std::string_view schema) const;

  /// Brings every schema up to date, after all of them have been found usable: a newer one is left alone, and so are
  /// the others. Gives the number of steps. Throws db::SchemaMismatch.
  Task<int> migrate(Clock const& clock);

 private:
  int lock_ = -1;
  std::vector<Schema> schemas_;
};

/// The directory or a database cannot be used; the message is for the operator.
class StorageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace balcao::app

#include "app/storage.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "auth/migrations.hpp"
#include "payments/migrations.hpp"
#include "platform/db/sqlite/sqlite.hpp"
#include "products/migrations.hpp"
#include "sandbox/sandbox.hpp"

namespace balcao::app {
namespace {

[[noreturn]] void fail(std::filesystem::path const& directory, std::string const& why) {
  throw StorageError("DATA_DIR '" + directory.string() + "': " + why);
}

void make_directory(std::filesystem::path const& directory) {
  std::error_code fault;
  if (std::filesystem::is_directory(directory, fault)) return;
  std::filesystem::create_directories(directory, fault);
  if (fault) fail(directory, "it cannot be made: " + fault.message());
  ::chmod(directory.c_str(), 0700);
}

/// The lock is the kernel's and ends with the process, however that ends.
int take_lock(std::filesystem::path const& directory, std::string const& schema) {
  auto const file = directory / (schema + ".lock");
  int const descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) fail(directory, "it cannot be written to: " + std::string(std::strerror(errno)));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    fail(directory,
         "another `balcao serve` is running on it; stop that one, or choose another DATA_DIR (or a "
         "DATABASE_URL, which several may share)");
  }
  return descriptor;
}

std::vector<db::Migration> migrations_of(std::string_view schema, std::string_view engine) {
  if (schema == "auth") return auth::migrations(engine);
  if (schema == "payments") return payments::migrations(engine);
  if (schema == "products") return products::migrations(engine);
  if (schema == "sandbox") return sandbox::migrations(engine);
  throw std::logic_error("there is no schema " + std::string(schema));
}

}  // namespace

Storage::Place place_of(Config const& config) {
  return {config.data_dir, config.database_url, config.migration_database_url};
}

Storage::Storage(Place place, Use use, Loops& loops, std::vector<std::string> names) : place_(std::move(place)) {
  std::shared_ptr<db::postgres::Pool> pool;
  if (place_.url) {
    pool = db::postgres::connect(loops, {.url = *place_.url});
    if (place_.migration_url) {
      migration_pool_ = db::postgres::connect(loops, {.url = *place_.migration_url, .connections_per_loop = 2});
    }
  } else {
    make_directory(place_.directory);
  }
  for (auto& name : names) {
    if (!pool && use == Use::exclusive) locks_.push_back(take_lock(place_.directory, name));
    auto database = pool ? db::postgres::open(pool, name)
                         : db::sqlite::open({.file = place_.directory / (name + ".db"), .schema = name});
    schemas_.push_back({name, migrations_of(name, database->engine()), std::move(database)});
  }
}

Storage::~Storage() {
  schemas_.clear();
  for (int const descriptor : locks_) ::close(descriptor);
}

std::string Storage::description() const {
  return place_.url ? "PostgreSQL" : std::filesystem::absolute(place_.directory).lexically_normal().string();
}

db::Database& Storage::database(std::string_view name) const {
  for (auto const& schema : schemas_) {
    if (schema.name == name) return *schema.database;
  }
  throw std::logic_error("there is no schema " + std::string(name));
}

Task<> Storage::ping() {
  for (auto& schema : schemas_) co_await schema.database->ping();
  if (migration_pool_) co_await db::postgres::open(migration_pool_, "")->ping();
}

Task<int> Storage::migrate(Clock const& clock) {
  for (auto& schema : schemas_) co_await db::migration_status(*schema.database, schema.name, schema.migrations);
  int applied = 0;
  for (auto& schema : schemas_) {
    auto const owner = migration_pool_ ? db::postgres::open(migration_pool_, schema.name) : nullptr;
    auto& database = owner ? *owner : *schema.database;
    applied += co_await db::migrate(database, schema.name, schema.migrations, clock.now());
    if (owner) co_await db::let_use(*owner, schema.name, *schema.database);
  }
  co_return applied;
}

}  // namespace balcao::app

#include "app/storage.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "auth/store.hpp"
#include "payments/store.hpp"
#include "platform/db/sqlite/sqlite.hpp"
#include "products/store.hpp"
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
int lock(std::filesystem::path const& directory) {
  auto const file = directory / "serve.lock";
  int const descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) fail(directory, "it cannot be written to: " + std::string(std::strerror(errno)));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    fail(directory, "another `balcao serve` is running on it; stop that one or choose another DATA_DIR");
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

Storage::Storage(std::filesystem::path directory, Use use, std::vector<std::string> names) {
  make_directory(directory);
  if (use == Use::exclusive) lock_ = lock(directory);
  for (auto& name : names) {
    auto database = db::sqlite::open({.file = directory / (name + ".db"), .schema = name});
    schemas_.push_back({name, migrations_of(name, database->engine()), std::move(database)});
  }
}

Storage::~Storage() {
  schemas_.clear();
  if (lock_ >= 0) ::close(lock_);
}

db::Database& Storage::database(std::string_view name) const {
  for (auto const& schema : schemas_) {
    if (schema.name == name) return *schema.database;
  }
  throw std::logic_error("there is no schema " + std::string(name));
}

Task<int> Storage::migrate(Clock const& clock) {
  for (auto& schema : schemas_) co_await db::migration_status(*schema.database, schema.name, schema.migrations);
  int applied = 0;
  for (auto& schema : schemas_) {
    applied += co_await db::migrate(*schema.database, schema.name, schema.migrations, clock.now());
  }
  co_return applied;
}

}  // namespace balcao::app

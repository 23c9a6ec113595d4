#include "engine.hpp"

#include <cstdlib>

#include "../base/tasks.hpp"
#include "platform/db/postgres/postgres.hpp"
#include "platform/db/sqlite/sqlite.hpp"
#include "postgres_server.hpp"

namespace balcao::test {
namespace {

std::unique_ptr<db::Database> open_as(std::string_view role, std::string const& schema, Loops& loops) {
  return db::postgres::open(db::postgres::connect(loops, {.url = PostgresServer::shared().url_of_socket(role)}),
                            schema);
}

}  // namespace

bool Engine::is_postgres() {
  static bool const answer = [] {
    auto const* const named = std::getenv("BALCAO_TEST_ENGINE");
    std::string_view const name = named == nullptr ? "sqlite" : named;
    if (name != "sqlite" && name != "postgres") throw std::runtime_error("BALCAO_TEST_ENGINE is sqlite or postgres");
    return name == "postgres";
  }();
  return answer;
}

std::unique_ptr<db::Database> Engine::open(std::string const& schema, Loops& loops) {
  if (!is_postgres()) return db::sqlite::open({.file = directory_ / (schema + ".db"), .schema = schema});
  auto database = open_as("postgres", schema, loops);
  bool const is_first = opened_.insert(schema).second;
  if (is_first) run_on(loops, database->execute_script("DROP SCHEMA IF EXISTS " + schema + " CASCADE"));
  return database;
}

std::unique_ptr<db::Database> Engine::open_migrated(std::string schema, std::vector<db::Migration> migrations,
                                                    Time now) {
  auto database = open(schema);
  run_on(loops_, db::migrate(*database, schema, std::move(migrations), now));
  if (!is_postgres()) return database;
  run_on(loops_, database->execute_script(PostgresServer::grants_to("runtime", schema)));
  return open_as("runtime", schema, loops_);
}

}  // namespace balcao::test

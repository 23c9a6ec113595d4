// One role migrates, another serves: it may read and write rows, and nothing else. (That this is enough for every
// statement of the services, their own tests show: on PostgreSQL they run as such a role.)
#include "platform/db/migrations.hpp"
#include "postgres_fixture.hpp"

namespace balcao::db {
namespace {

class Roles : public test::PostgresTest {
 protected:
  Roles() {
    run(owner->execute_script("DROP SCHEMA IF EXISTS shop CASCADE"));
    EXPECT_EQ(migrate(*owner, {first, second}), 2);
    run(owner->execute_script(test::PostgresServer::grants_to("runtime", "shop")));
  }

  std::unique_ptr<Database> open_as(std::string_view role) {
    return open({.url = test::PostgresServer::shared().url_of_socket(role)});
  }

  int migrate(Database& database, std::vector<Migration> steps) {
    return run(db::migrate(database, "shop", std::move(steps), now));
  }

  std::string refusal_of(Task<> task) {
    try {
      run(std::move(task));
    } catch (Error const& error) {
      EXPECT_EQ(error.sqlstate(), "42501");
      return error.what();
    }
    return "none";
  }

  Migration const first{1, "first", std::string(notes_table)};
  Migration const second{2, "second", "INSERT INTO shop.notes VALUES (2, 'b')"};
  Migration const third{3, "third", "ALTER TABLE shop.notes ADD COLUMN more text"};
  Time const now{std::chrono::seconds{1'800'000'000}};
  std::unique_ptr<Database> owner = open_as("postgres");
};

TEST_F(Roles, TheOneThatServesReadsAndWritesRows) {
  auto const database = open_as("runtime");
  run(insert_note(*database, 1, "a"));
  EXPECT_EQ(run(count_notes(*database)), 2);
  for (auto const* script : {"CREATE TABLE shop.more (id BIGINT)", "DROP TABLE shop.notes", "CREATE SCHEMA other",
                             "ALTER TABLE shop.notes ADD COLUMN more text", "TRUNCATE shop.notes"}) {
    EXPECT_NE(refusal_of(database->execute_script(script)), "none") << script;
  }
}

TEST_F(Roles, MigratingWithTheOneThatServesChangesNothingWhereAllIsThere) {
  auto const database = open_as("runtime");
  EXPECT_EQ(migrate(*database, {first, second}), 0);
  EXPECT_EQ(run(migration_status(*database, "shop", {first, second})).back().applied_at, now);
}

TEST_F(Roles, MigratingWithTheOneThatServesSaysWhichStepIsMissing) {
  auto const database = open_as("runtime");
  auto const migrating = [&]() -> Task<> { co_await db::migrate(*database, "shop", {first, second, third}, now); };
  auto const said = refusal_of(migrating());
  EXPECT_NE(said.find("schema shop: step 3 (third) cannot be applied: "), std::string::npos) << said;
  EXPECT_NE(said.find("permission denied"), std::string::npos) << said;
  EXPECT_EQ(run(migration_status(*owner, "shop", {first, second, third})).back().applied_at, std::nullopt);
  EXPECT_EQ(migrate(*owner, {first, second, third}), 1);
  EXPECT_EQ(migrate(*database, {first, second, third}), 0);
}

TEST_F(Roles, OfManyProcessesAtOnceOneThatMayAppliesTheStep) {
  std::vector<std::unique_ptr<Database>> processes;
  std::vector<Task<>> migrating;
  int applied = 0;
  for (auto const* role : {"runtime", "postgres", "runtime", "postgres", "runtime", "postgres"}) {
    processes.push_back(open_as(role));
    migrating.push_back([](Task<int> task, int& sum) -> Task<> {
      sum += co_await std::move(task);
    }(db::migrate(*processes.back(), "shop", {first, second, third}, now), applied));
  }
  int refused = 0;
  for (auto const& failure : run_together(std::move(migrating))) refused += failure ? 1 : 0;
  EXPECT_EQ(applied, 1);
  EXPECT_LE(refused, 3) << "a process that may not apply it, and came too early, is told so";
  for (auto const& each : processes) EXPECT_EQ(migrate(*each, {first, second, third}), 0);
}

}  // namespace
}  // namespace balcao::db

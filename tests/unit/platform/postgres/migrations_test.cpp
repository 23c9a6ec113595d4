#include "platform/db/migrations.hpp"

#include "engine_fixture.hpp"

namespace balcao::db {
namespace {

class PostgresMigrations : public test::PostgresTest {
 protected:
  PostgresMigrations() { run(database->execute_script("DROP SCHEMA IF EXISTS shop CASCADE")); }

  int migrate(std::vector<Migration> steps) { return run(db::migrate(*database, "shop", std::move(steps), now)); }

  std::int64_t tables() {
    static constexpr Statement count_tables{
        "count_tables", "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'shop'"};
    return run(database->query(count_tables)).front().get<std::int64_t>(0);
  }

  Migration const first{1, "first", "CREATE TABLE shop.a (id INTEGER PRIMARY KEY);\nINSERT INTO shop.a VALUES (1);"};
  Migration const second{2, "it's second", "INSERT INTO shop.a VALUES (2) -- with no semicolon"};
  Migration const third{3, "third", "-- works-with: 1\nINSERT INTO shop.a VALUES (3);"};
  Time const now{std::chrono::seconds{1'800'000'000}};
  std::unique_ptr<Database> database = open(options());
};

TEST_F(PostgresMigrations, ApplyOnceAndInOrder) {
  EXPECT_EQ(migrate({second, first}), 2);
  EXPECT_EQ(migrate({second, first}), 0);
  EXPECT_EQ(migrate({first, second, third}), 1);
  auto const states = run(migration_status(*database, "shop", {first, second, third, {4, "fourth", "SELECT 1"}}));
  ASSERT_EQ(states.size(), 4U);
  EXPECT_EQ(states[0].applied_at, now);
  EXPECT_EQ(states[1].migration.name, "it's second");
  EXPECT_EQ(states[3].applied_at, std::nullopt);
}

TEST_F(PostgresMigrations, AFailingStepLeavesNothingBehind) {
  Migration const broken{2, "broken", "CREATE TABLE shop.b (id INTEGER); INSERT INTO shop.nowhere VALUES (1);"};
  EXPECT_THROW(migrate({first, broken}), Error);
  EXPECT_EQ(tables(), 2);  // a and schema_migrations
  EXPECT_EQ(migrate({first, second}), 1);
}

TEST_F(PostgresMigrations, AChangedTextIsRefused) {
  migrate({first});
  auto changed = first;
  changed.sql += " ";
  EXPECT_THROW(migrate({changed, second}), SchemaMismatch);
}

TEST_F(PostgresMigrations, ManyProcessesAtOnceApplyEachStepOnce) {
  std::vector<std::unique_ptr<Database>> processes;
  std::vector<Task<>> migrating;
  int applied = 0;
  for (int i = 0; i < 5; ++i) {
    processes.push_back(open(options()));
    migrating.push_back([](Task<int> task, int& sum) -> Task<> {
      sum += co_await std::move(task);
    }(db::migrate(*processes.back(), "shop", {first, second, third}, now), applied));
  }
  for (auto const& failure : run_together(std::move(migrating))) EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(applied, 3);
}

}  // namespace
}  // namespace balcao::db

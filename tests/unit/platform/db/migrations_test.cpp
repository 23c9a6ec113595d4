#include "platform/db/migrations.hpp"

#include "database_fixture.hpp"

namespace balcao::db {
namespace {

using Steps = std::vector<Migration>;

class Migrations : public test::DatabaseTest {
 protected:
  int migrate(Steps steps) { return run(db::migrate(*database, "shop", std::move(steps), now)); }

  std::string mismatch(Steps steps) {
    try {
      migrate(std::move(steps));
    } catch (SchemaMismatch const& fault) {
      return fault.what();
    }
    return {};
  }

  std::int64_t tables() {
    static constexpr Statement on_sqlite{"tables", "SELECT count(*) FROM shop.sqlite_schema WHERE type = 'table'"};
    static constexpr Statement on_postgres{
        "tables", "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'shop'"};
    auto const& statement = test::Engine::is_postgres() ? on_postgres : on_sqlite;
    return run(database->query(statement)).front().get<std::int64_t>(0);
  }

  Migration const first{1, "first", "CREATE TABLE shop.a (id INTEGER PRIMARY KEY);\nINSERT INTO shop.a VALUES (1);"};
  Migration const second{2, "it's second", "INSERT INTO shop.a VALUES (2) -- with no semicolon"};
  Migration const third{3, "third", "-- works-with: 1\nINSERT INTO shop.a VALUES (3);"};
  Time const now{std::chrono::seconds{1'800'000'000}};
  std::unique_ptr<Database> database = engine.open("shop");
};

TEST_F(Migrations, ApplyOnceAndInOrder) {
  EXPECT_EQ(migrate({second, first}), 2);
  EXPECT_EQ(migrate({second, first}), 0);
  EXPECT_EQ(migrate({first, second, third}), 1);
  auto const states = run(migration_status(*database, "shop", {first, second, third, {4, "fourth", "SELECT 1"}}));
  ASSERT_EQ(states.size(), 4U);
  EXPECT_EQ(states[0].applied_at, now);
  EXPECT_EQ(states[1].migration.name, "it's second");
  EXPECT_EQ(states[3].applied_at, std::nullopt);
}

TEST_F(Migrations, StatusChangesNothing) {
  auto const states = run(migration_status(*database, "shop", {first}));
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0].applied_at, std::nullopt);
  EXPECT_EQ(tables(), 0);
}

TEST_F(Migrations, AFailingStepLeavesNothingBehind) {
  Migration const broken{2, "broken", "CREATE TABLE shop.b (id INTEGER); INSERT INTO shop.nowhere VALUES (1);"};
  EXPECT_THROW(migrate({first, broken}), Error);
  EXPECT_EQ(tables(), 2);  // a and schema_migrations
  EXPECT_EQ(migrate({first, second}), 1);
}

TEST_F(Migrations, AChangedTextIsRefused) {
  migrate({first});
  auto changed = first;
  changed.sql += " ";
  EXPECT_NE(mismatch({changed, second}).find("step 1 (first) has another text"), std::string::npos);
  EXPECT_EQ(migrate({first, second}), 1);
}

TEST_F(Migrations, AStepLeftOutIsRefused) {
  migrate({first, third});
  EXPECT_NE(mismatch({first, second, third}).find("step 2 was never applied"), std::string::npos);
  EXPECT_NE(mismatch({first, second, {4, "fourth", ""}}).find("another version"), std::string::npos);
}

TEST_F(Migrations, ANewerSchemaIsRefusedUnlessItWorksWithThisVersion) {
  Migration const breaking{4, "fourth", "-- works-with: 4\nINSERT INTO shop.a VALUES (4);"};
  migrate({first, second});
  EXPECT_EQ(migrate({first}), 0);  // N-1 on N
  migrate({first, second, third});
  EXPECT_EQ(migrate({first}), 0);  // the third says that it works with the first
  migrate({first, second, third, breaking});
  auto const fault = mismatch({first, second, third});
  EXPECT_NE(fault.find("a newer version"), std::string::npos) << fault;
  EXPECT_NE(fault.find("at least schema 4 and this one knows 3"), std::string::npos) << fault;
}

TEST_F(Migrations, NothingIsTouchedWhereTheSchemaIsTooNew) {
  migrate({first, second, {5, "fifth", "SELECT 1"}});
  EXPECT_FALSE(mismatch({first, second, third}).empty());
  auto const states = run(migration_status(*database, "shop", {first, second, {5, "fifth", "SELECT 1"}}));
  EXPECT_EQ(states.size(), 3U);
}

TEST_F(Migrations, ManyProcessesAtOnceApplyEachStepOnce) {
  std::vector<std::unique_ptr<Database>> processes;
  std::vector<Task<>> migrating;
  int applied = 0;
  for (int i = 0; i < 5; ++i) {
    processes.push_back(engine.open("shop"));
    migrating.push_back([](Task<int> task, int& sum) -> Task<> {
      sum += co_await std::move(task);
    }(db::migrate(*processes.back(), "shop", {first, second, third}, now), applied));
  }
  for (auto const& failure : run_together(std::move(migrating))) EXPECT_EQ(test::status_of(failure), 0);
  EXPECT_EQ(applied, 3);
  EXPECT_EQ(migrate({first, second, third}), 0);
}

TEST_F(Migrations, AMalformedSetIsABug) {
  EXPECT_THROW(migrate({first, first}), std::logic_error);
  EXPECT_THROW(migrate({{1, "x", "-- works-with: all\nSELECT 1"}}), std::logic_error);
  EXPECT_EQ(tables(), 0);
}

}  // namespace
}  // namespace balcao::db

#pragma once

#include "../db/notes_fixture.hpp"
#include "../db/postgres_server.hpp"
#include "platform/db/postgres/postgres.hpp"

namespace balcao::test {

/// What is about PostgreSQL itself, with a fresh schema for each test.
class PostgresTest : public NotesTest {
 protected:
  db::postgres::Options options() const { return {.url = PostgresServer::shared().url()}; }

  std::unique_ptr<db::Database> open(db::postgres::Options with) {
    return db::postgres::open(db::postgres::connect(loops, std::move(with)), "shop");
  }

  std::unique_ptr<db::Database> open_with_notes(db::postgres::Options with) {
    auto database = open(std::move(with));
    run(database->execute_script("DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; " +
                                 std::string(notes_table)));
    return database;
  }
  std::unique_ptr<db::Database> open_with_notes() { return open_with_notes(options()); }

  template <class T>
  static Task<> drop_result(Task<T> task) {
    co_await std::move(task);
  }
};

}  // namespace balcao::test

#pragma once

#include "notes_fixture.hpp"
#include "platform/db/sqlite/sqlite.hpp"
#include "scratch_directory.hpp"

namespace balcao::test {

/// What is about SQLite itself, with a file for each test.
class SqliteTest : public NotesTest {
 protected:
  db::sqlite::Options options() const { return {.file = directory / "shop.db", .schema = "shop"}; }

  std::unique_ptr<db::Database> open_with_notes(db::sqlite::Options with) {
    bool const is_new = !std::filesystem::exists(with.file);
    auto database = db::sqlite::open(std::move(with));
    if (is_new) run(database->execute_script(std::string(notes_table)));
    return database;
  }
  std::unique_ptr<db::Database> open_with_notes() { return open_with_notes(options()); }

  ScratchDirectory directory;
};

}  // namespace balcao::test

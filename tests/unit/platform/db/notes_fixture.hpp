#pragma once

#include "../base/tasks.hpp"
#include "platform/db/database.hpp"

namespace balcao::test {

/// The table of the engines' own tests: shop.notes, in a text that both understand.
class NotesTest : public LoopsTest {
 protected:
  static constexpr db::Statement insert{"insert", "INSERT INTO shop.notes (id, text) VALUES ($1, $2)"};
  static constexpr db::Statement count{"count", "SELECT count(*) FROM shop.notes"};
  static constexpr std::string_view notes_table =
      "CREATE TABLE shop.notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL CONSTRAINT notes_text_check CHECK (text <> "
      "'bad'))";

  static db::Call note(int id, std::string_view text) { return db::call(insert, id, text); }

  static Task<std::int64_t> count_notes(db::Database& database) {
    auto const rows = co_await database.query(count);
    co_return rows.front().get<std::int64_t>(0);
  }

  static Task<> insert_note(db::Database& database, int id, std::string text) {
    co_await database.query(insert, id, text);
  }
};

}  // namespace balcao::test

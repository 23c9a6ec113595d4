#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "platform/db/database.hpp"

namespace balcao::db {

/// A Statement with the text that it points into, for SQL that is put together at run time. It must live until the
/// calls with it are answered; drivers know it again by its text.
struct OwnedStatement {
  OwnedStatement(std::string_view name, std::string text) : sql(std::move(text)), statement{name, sql} {}
  OwnedStatement(OwnedStatement const&) = delete;  // the Statement points into `sql`

  std::string const sql;
  Statement const statement;
};

}  // namespace balcao::db

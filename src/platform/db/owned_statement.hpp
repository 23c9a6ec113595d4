#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "platform/db/database.hpp"

namespace balcao::db {

/// A Statement with the text that it points into, for SQL that is put together at run time.
struct OwnedStatement {
  OwnedStatement(std::string_view name, std::string text) : sql(std::move(text)), statement{name, sql} {}
  OwnedStatement(OwnedStatement const&) = delete;  // drivers know the Statement by its address

  std::string const sql;
  Statement const statement;
};

}  // namespace balcao::db

#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "platform/db/database.hpp"

namespace balcao::db {

/// A Statement with the text that it points into, for SQL that names a schema known at run time.
struct SchemaStatement {
  SchemaStatement(std::string_view name, std::string text) : sql(std::move(text)), statement{name, sql} {}
  SchemaStatement(SchemaStatement const&) = delete;  // drivers know the Statement by its address

  std::string const sql;
  Statement const statement;
};

}  // namespace balcao::db

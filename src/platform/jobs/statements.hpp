#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "platform/db/database.hpp"

namespace balcao::jobs {

/// A Statement with the text that it points into, for SQL that names a schema known at run time.
struct SchemaStatement {
  SchemaStatement(std::string_view name, std::string text) : sql(std::move(text)), statement{name, sql} {}
  SchemaStatement(SchemaStatement const&) = delete;  // drivers know the Statement by its address

  std::string const sql;
  db::Statement const statement;
};

/// All that is said to the table `<schema>.jobs`.
struct Statements {
  explicit Statements(std::string const& schema);

  SchemaStatement enqueue;   ///< id, kind, key, payload, run_at
  SchemaStatement complete;  ///< id, attempts, now
  SchemaStatement retry;     ///< id, attempts, run_at, last_error
  SchemaStatement purge;     ///< done before
};

/// Takes due jobs of `kinds` kinds; gives id, kind, key, payload, attempts. Parameters: now, leased until, how many,
/// and the kinds: what nobody here can handle is left to a program that can.
std::string lease_sql(std::string const& schema, std::size_t kinds);

}  // namespace balcao::jobs

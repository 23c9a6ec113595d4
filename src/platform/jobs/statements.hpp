#pragma once

#include <cstddef>
#include <string>

#include "platform/db/owned_statement.hpp"

namespace balcao::jobs {

/// All that is said to the table `<schema>.jobs`.
struct Statements {
  explicit Statements(std::string const& schema);

  db::OwnedStatement enqueue;   ///< id, kind, key, payload, run_at
  db::OwnedStatement complete;  ///< id, attempts, now
  db::OwnedStatement retry;     ///< id, attempts, run_at, last_error
  db::OwnedStatement purge;     ///< done before
};

/// Takes due jobs of `kinds` kinds; gives id, kind, key, payload, attempts. Parameters: now, leased until, how many,
/// and the kinds: what nobody here can handle is left to a program that can.
std::string lease_sql(std::string const& schema, std::size_t kinds);

}  // namespace balcao::jobs

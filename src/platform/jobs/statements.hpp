#pragma once

#include <cstddef>
#include <string>

#include "platform/db/owned_statement.hpp"

namespace balcao::jobs {

/// All that is said to the table `<schema>.jobs`.
struct Statements {
  explicit Statements(std::string const& schema);

  db::OwnedStatement enqueue;      ///< id, kind, key, payload, run_at
  db::OwnedStatement complete;     ///< id, attempts, now
  db::OwnedStatement retry;        ///< id, attempts, run_at, last_error
  db::OwnedStatement renew;        ///< id, attempts, leased until
  db::OwnedStatement release;      ///< id, attempts: due again, as if it had not been leased
  db::OwnedStatement count_aside;  ///< how many are set aside
  db::OwnedStatement purge;        ///< done before, how many at most
};

/// Take due jobs of `kinds` kinds; give id, kind, key, payload, attempts. Parameters: now, leased until, how many, and
/// the kinds: what nobody here can handle is left to a program that can.
std::string lease_sql(std::string const& schema, std::size_t kinds);
/// The same for those whose lease ran out: the process that had them died, or lost the database.
std::string lease_lost_sql(std::string const& schema, std::size_t kinds);
/// Sets aside those that may not be lost once more; gives id, kind. Parameters: now, until when, from how many losses
/// before this one, and the kinds.
std::string set_aside_sql(std::string const& schema, std::size_t kinds);

}  // namespace balcao::jobs

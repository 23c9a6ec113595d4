#include "platform/jobs/statements.hpp"

namespace balcao::jobs {

// `attempts` grows with every lease, so it also says whose lease it is: the verdict of one that has run out meanwhile,
// and was taken by another runner, changes nothing.

Statements::Statements(std::string const& schema)
    : enqueue("jobs_enqueue", "INSERT INTO " + schema +
                                  ".jobs (id, kind, key, payload, run_at, attempts) VALUES ($1, $2, $3, $4, $5, 0) "
                                  "ON CONFLICT (kind, key) DO NOTHING"),
      complete("jobs_complete", "UPDATE " + schema +
                                    ".jobs SET done_at = $3, leased_until = NULL, last_error = NULL "
                                    "WHERE id = $1 AND attempts = $2 AND done_at IS NULL"),
      retry("jobs_retry", "UPDATE " + schema +
                              ".jobs SET run_at = $3, leased_until = NULL, last_error = $4 "
                              "WHERE id = $1 AND attempts = $2 AND done_at IS NULL"),
      purge("jobs_purge", "DELETE FROM " + schema + ".jobs WHERE done_at < $1") {}

std::string lease_sql(std::string const& schema, std::size_t kinds) {
  std::string list;
  for (std::size_t i = 0; i < kinds; ++i) list += (i == 0 ? "$" : ", $") + std::to_string(i + 4);

  std::string const due = "done_at IS NULL AND run_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)";
  // The condition stands outside as well: in PostgreSQL two runners may select the same job, and the one that has to
  // wait for the other's lock looks at the row again.
  return "UPDATE " + schema + ".jobs SET leased_until = $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM " +
         schema + ".jobs WHERE " + due + " AND kind IN (" + list + ") ORDER BY run_at LIMIT $3) AND " + due +
         " RETURNING id, kind, key, payload, attempts";
}

}  // namespace balcao::jobs

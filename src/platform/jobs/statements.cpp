#include "platform/jobs/statements.hpp"

namespace balcao::jobs {

// `attempts` grows with every lease, so it also says whose lease it is: the verdict of one that has run out meanwhile,
// and was taken by another runner, changes nothing. The lease is written before the work begins: one that has run out
// is the trace of a process that died. `deaths` counts those before; it begins anew with each verdict.

Statements::Statements(std::string const& schema)
    : enqueue("jobs_enqueue", "INSERT INTO " + schema +
                                  ".jobs (id, kind, key, payload, run_at, attempts) VALUES ($1, $2, $3, $4, $5, 0) "
                                  "ON CONFLICT (kind, key) DO NOTHING"),
      complete("jobs_complete",
               "UPDATE " + schema +
                   ".jobs SET done_at = $3, leased_until = NULL, deaths = 0, set_aside_at = NULL, last_error = NULL "
                   "WHERE id = $1 AND attempts = $2 AND done_at IS NULL"),
      retry("jobs_retry",
            "UPDATE " + schema +
                ".jobs SET run_at = $3, leased_until = NULL, deaths = 0, set_aside_at = NULL, last_error = $4 "
                "WHERE id = $1 AND attempts = $2 AND done_at IS NULL"),
      renew("jobs_renew", "UPDATE " + schema +
                              ".jobs SET leased_until = $3 "
                              "WHERE id = $1 AND attempts = $2 AND leased_until IS NOT NULL AND done_at IS NULL"),
      release("jobs_release", "UPDATE " + schema +
                                  ".jobs SET leased_until = NULL "
                                  "WHERE id = $1 AND attempts = $2 AND done_at IS NULL"),
      count_aside("jobs_count_aside", "SELECT count(*) FROM " + schema + ".jobs WHERE set_aside_at IS NOT NULL"),
      purge("jobs_purge", "DELETE FROM " + schema + ".jobs WHERE id IN (SELECT id FROM " + schema +
                              ".jobs WHERE done_at < $1 ORDER BY done_at LIMIT $2)") {}

namespace {

std::string placeholders(std::size_t kinds) {
  std::string list;
  for (std::size_t i = 0; i < kinds; ++i) list += (i == 0 ? "$" : ", $") + std::to_string(i + 4);
  return list;
}

}  // namespace

// The conditions stand outside as well: in PostgreSQL two runners may select the same job, and the one that has to
// wait for the other's lock looks at the row again.

std::string lease_sql(std::string const& schema, std::size_t kinds) {
  std::string const due = "done_at IS NULL AND run_at <= $1 AND leased_until IS NULL";
  return "UPDATE " + schema + ".jobs SET leased_until = $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM " +
         schema + ".jobs WHERE " + due + " AND kind IN (" + placeholders(kinds) + ") ORDER BY run_at LIMIT $3) AND " +
         due + " RETURNING id, kind, key, payload, attempts";
}

std::string lease_lost_sql(std::string const& schema, std::size_t kinds) {
  std::string const lost = "leased_until <= $1 AND done_at IS NULL";
  return "UPDATE " + schema +
         ".jobs SET leased_until = $2, attempts = attempts + 1, deaths = deaths + 1 WHERE id IN (SELECT id FROM " +
         schema + ".jobs WHERE " + lost + " AND kind IN (" + placeholders(kinds) +
         ") ORDER BY leased_until LIMIT $3) AND " + lost + " RETURNING id, kind, key, payload, attempts";
}

std::string set_aside_sql(std::string const& schema, std::size_t kinds) {
  return "UPDATE " + schema +
         ".jobs SET set_aside_at = $1, leased_until = $2, deaths = deaths - 1 "
         "WHERE leased_until <= $1 AND done_at IS NULL AND deaths >= $3 AND kind IN (" +
         placeholders(kinds) + ") RETURNING id, kind";
}

}  // namespace balcao::jobs

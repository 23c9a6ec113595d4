#include "platform/jobs/due_rows.hpp"

#include <memory>

#include "platform/runtime/wake_up.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::jobs {
namespace {

constexpr std::chrono::seconds between_looks_for_lost{1};
/// A lease is renewed after each third of it, and no more after so many: work that never ends is left to others.
constexpr int most_renewals = 30;

std::string counted(DueTable const& table) {
  return table.counts.empty() ? "" : ", " + table.counts + " = " + table.counts + " + 1";
}

// The conditions stand outside as well: in PostgreSQL two processes may select the same row, and the one that has to
// wait for the other's lock looks at it again.

std::string take_sql(DueTable const& table) {
  auto const condition = table.due + " <= $1 AND leased_until IS NULL AND " + table.open;
  return "UPDATE " + table.name + " SET " + table.due + " = $2, leased_until = $2" + counted(table) + " WHERE " +
         condition + " AND id IN (SELECT id FROM " + table.name + " WHERE " + condition + " ORDER BY " + table.due +
         " LIMIT $3) RETURNING " + table.columns;
}

std::string lost(DueTable const& table) {
  return "leased_until <= $1 AND " + table.due + " IS NOT NULL AND " + table.open;
}

std::string take_lost_sql(DueTable const& table) {
  return "UPDATE " + table.name + " SET " + table.due + " = $2, leased_until = $2, deaths = deaths + 1" +
         counted(table) + " WHERE " + lost(table) + " AND id IN (SELECT id FROM " + table.name + " WHERE " +
         lost(table) + " ORDER BY leased_until LIMIT 1) RETURNING " + table.columns;
}

std::string set_aside_sql(DueTable const& table) {
  return "UPDATE " + table.name + " SET set_aside_at = $1, " + table.due +
         " = $2, leased_until = $2, deaths = deaths - 1 WHERE " + lost(table) +
         " AND deaths >= $3 RETURNING CAST(id AS text)";
}

}  // namespace

DueRows::DueRows(db::Database& database, DueTable table)
    : database_(database),
      kind_(table.kind),
      take_("take_due", take_sql(table)),
      take_lost_("take_lost", take_lost_sql(table)),
      set_aside_("set_aside", set_aside_sql(table)),
      renew_("renew_taken", "UPDATE " + table.name + " SET leased_until = $2, " + table.due + " = CASE WHEN " +
                                table.due + " = $1 THEN $2 ELSE " + table.due + " END WHERE leased_until = $1"),
      release_("release_taken", "UPDATE " + table.name +
                                    " SET leased_until = NULL, deaths = 0, set_aside_at = NULL "
                                    "WHERE leased_until = $1"),
      count_("count_set_aside", "SELECT count(*) FROM " + table.name + " WHERE set_aside_at IS NOT NULL AND " +
                                    table.due + " IS NOT NULL AND " + table.open) {}

Task<bool> DueRows::process(Clock const& clock, std::chrono::seconds lease, std::size_t most, Work work) {
  co_await release();
  auto const now = clock.now();
  auto rows = co_await database_.query(take_.statement, now, Time{now + lease}, most);
  bool const more = rows.size() == most;
  co_await work_on(std::move(rows), {clock, lease, now + lease}, work);
  bool const more_lost = co_await process_lost(clock, lease, work);
  co_return more || more_lost;
}

/// What the process may have died of runs alone, and no more once it has died of it too often. One at a time, so that
/// the rows that are due by then come next.
Task<bool> DueRows::process_lost(Clock const& clock, std::chrono::seconds lease, Work const& work) {
  if (clock.now() < next_look_for_lost_) co_return false;
  auto const alone = Isolation::try_take(this);
  if (!alone) co_return false;
  co_await set_aside(clock.now());
  auto const now = clock.now();
  auto rows = co_await database_.query(take_lost_.statement, now, Time{now + lease});
  if (rows.empty()) {
    next_look_for_lost_ = now + between_looks_for_lost;
    co_return false;
  }
  co_await work_on(std::move(rows), {clock, lease, now + lease}, work);
  co_return true;
}

Task<> DueRows::set_aside(Time now) {
  auto const rows = co_await database_.query(set_aside_.statement, now, Time{now + time_set_aside}, max_deaths - 1);
  for (auto const& row : rows) {
    log::error("set aside: the process died each time it was worked on",
               {{"kind", kind_}, {"id", row.get<std::string>(0)}, {"deaths", max_deaths}});
  }
}

/// Of the work on some rows.
struct DueRows::End {
  bool reached = false;
  std::shared_ptr<WakeUp> wake_up = std::make_shared<WakeUp>();
};

Task<> DueRows::work_on(db::Rows rows, Lease lease, Work const& work) {
  if (rows.empty()) co_return;
  to_release_.push_back(lease.until);
  std::vector<Task<>> both;
  End end;
  both.push_back(work_and_end(std::move(rows), work, end));
  both.push_back(renew(lease, end));
  co_await at_once(std::move(both));
  co_await release();
}

Task<> DueRows::work_and_end(db::Rows rows, Work const& work, End& end) {
  try {
    co_await work(std::move(rows));
  } catch (std::exception const& error) {
    log::warn("something could not be seen through", {{"what", kind_}, {"error", error.what()}});
  }
  end.reached = true;
  end.wake_up->ring();
}

/// Work that takes longer than its lease is not lost: another process would take it as well, and count a death.
Task<> DueRows::renew(Lease lease, End& end) {
  auto const wake_up = end.wake_up;  // where the loop is destroyed, `end` may go before this frame
  for (int i = 0; i < most_renewals; ++i) {
    co_await wake_up->wait(std::chrono::milliseconds(lease.length) / 3);
    if (end.reached) co_return;
    Time const next = lease.clock.now() + lease.length;
    to_release_.push_back(next);
    try {
      co_await database_.query(renew_.statement, lease.until, next);
      lease.until = next;
    } catch (std::exception const& error) {
      log::warn("a lease could not be renewed", {{"what", kind_}, {"error", error.what()}});
    }
  }
}

/// Where the database is away meanwhile, it is done before anything else is taken.
Task<> DueRows::release() {
  while (!to_release_.empty()) {
    co_await database_.query(release_.statement, to_release_.back());
    to_release_.pop_back();
  }
}

Task<SetAside> DueRows::count_set_aside() const {
  auto const rows = co_await database_.query(count_.statement);
  co_return SetAside{kind_, rows.front().get<std::int64_t>(0)};
}

}  // namespace balcao::jobs

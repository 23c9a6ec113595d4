#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "platform/db/owned_statement.hpp"
#include "platform/jobs/isolation.hpp"
#include "platform/runtime/recovery.hpp"

namespace balcao::jobs {

/// A table whose rows are to be looked at again at a time that stands in them. It has the columns `id`, `leased_until`,
/// `deaths` and `set_aside_at`.
struct DueTable {
  std::string name;            ///< with its schema
  std::string kind;            ///< of one row, for people
  std::string due;             ///< the column with that time; NULL where there is nothing to do any more
  std::string columns = "id";  ///< that the work is given
  std::string counts{};        ///< a column that counts how often it was taken; empty: none
  std::string open{"true"};    ///< the condition under which there is something to do
};

/// What should have come to an end by now: taken a few at a time, so that no other process has it meanwhile.
///
/// A row is leased before it is worked on; the lease is renewed during the work, and ended when this process comes back
/// from it, however that went. So one that has run out is the trace of a process that died. Such rows run one at a time
/// (see Isolation), and those with which processes died `max_deaths` times in a row are set aside for a day.
class DueRows {
 public:
  DueRows(db::Database& database, DueTable table);

  /// Sees to all the rows that it is given; what it throws is logged.
  using Work = std::function<Task<>(db::Rows rows)>;

  /// Takes at most `most` rows that are due, until `lease` from now, and has them worked on; then one that a dead
  /// process has left. Whether there may be more. One call at a time.
  Task<bool> process(Clock const& clock, std::chrono::seconds lease, std::size_t most, Work work);

  /// How many are set aside.
  Task<SetAside> count_set_aside() const;

 private:
  /// Of the rows that are worked on.
  struct Lease {
    Clock const& clock;
    std::chrono::seconds length;
    Time until;
  };
  struct End;

  Task<> work_on(db::Rows rows, Lease lease, Work const& work);
  Task<> work_and_end(db::Rows rows, Work const& work, End& end);
  Task<> renew(Lease lease, End& end);
  Task<bool> process_lost(Clock const& clock, std::chrono::seconds lease, Work const& work);
  Task<> set_aside(Time now);
  Task<> release();

  db::Database& database_;
  std::string const kind_;
  db::OwnedStatement const take_;
  db::OwnedStatement const take_lost_;
  db::OwnedStatement const set_aside_;
  db::OwnedStatement const renew_;
  db::OwnedStatement const release_;
  db::OwnedStatement const count_;
  std::vector<Time> to_release_;  ///< leases of rows that this process has come back from
  Time next_look_for_lost_{};
};

/// Work that looks after each row by the id in its first column, side by side. `what` they are is for people.
template <class Thing>
DueRows::Work each(std::string what, std::function<Task<>(Id<Thing>)> look_after) {
  return [what = std::move(what), look_after = std::move(look_after)](db::Rows rows) -> Task<> {
    std::vector<Id<Thing>> ids;
    for (auto const& row : rows) ids.push_back(row.get<Id<Thing>>(0));
    return recovery::see_to_each<Thing>(std::move(ids), what, look_after);
  };
}

}  // namespace balcao::jobs

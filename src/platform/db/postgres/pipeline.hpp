#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <variant>
#include <vector>

#include "platform/db/postgres/server_error.hpp"
#include "platform/db/postgres/unit.hpp"

namespace balcao::db::postgres {

/// A statement as one connection knows it.
struct Prepared {
  std::string name;
  std::string sql;
  std::vector<Oid> types;
  std::optional<ServerError> failure;  ///< why preparing it failed: what used it meanwhile failed for this reason
};

/// What came from the server, one at a time.
struct Failed {
  ServerError error;
};
struct Unreadable {
  std::exception_ptr why;  ///< it was done, but its rows are not what the program understands
};
struct Skipped {};  ///< not run, because of a failure before it
struct End {};      ///< of the replies to one statement
struct Synced {};
using Reply = std::variant<Rows, Failed, Unreadable, Skipped, End, Synced>;

/// The server answered what was not asked; the connection is in doubt.
class ProtocolViolation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What is expected from one connection, in order: replies to preparations, to their undoing and to groups of units,
/// each ended by a sync of its own, so that a failure goes no further. Does no I/O.
class Pipeline {
 public:
  /// A unit with its replies.
  struct Answer {
    std::unique_ptr<Unit> unit;
    std::vector<Rows> results;
    std::optional<ServerError> error;
    std::size_t failed_call = 0;
    bool is_unsent = false;  ///< the connection was lost before the end of it had been sent: nothing was done
    bool is_undone = false;  ///< the error may be that of another in its group: it is to be sent again
    std::exception_ptr unreadable;
  };

  /// That it is prepared, or deallocated.
  void expect(std::shared_ptr<Prepared> preparation, Deadline cut_off);
  /// `statements` are those of all the calls of all the units. Replies to some of them put the cut-off off, up to
  /// `last_cut_off`: each may be slow, and the group is in doubt only where the server falls silent.
  void expect(Group group, std::vector<std::shared_ptr<Prepared>> statements, Deadline cut_off,
              Deadline last_cut_off = Deadline::max());

  /// Takes what came; gives the units that it ends. The next reply is expected before `next`. Throws ProtocolViolation.
  std::vector<Answer> take(Reply reply, Deadline next = Deadline::min());

  bool empty() const { return entries_.empty(); }
  std::size_t units() const { return units_; }
  /// Whether the replies to a statement are still to be ended.
  bool awaits_end() const { return awaits_end_; }
  /// When the first in line should long have been answered.
  Deadline cut_off() const { return entries_.empty() ? Deadline::max() : entries_.front().cut_off; }

  /// After a loss: everything that was not answered. What has failed for certain has its error; where not all had been
  /// sent, the last group is marked so.
  std::vector<Answer> give_up(bool is_all_sent = true);

 private:
  struct Entry {
    std::vector<std::shared_ptr<Prepared>> statements;
    Group group;  ///< empty where it is a preparation
    Deadline cut_off;
    Deadline last_cut_off = Deadline::max();
    std::size_t replies = 0;
    std::vector<Rows> results;
    std::optional<ServerError> error;
    std::size_t failed_call = 0;  ///< as many as there are calls where it was the commit that failed
    std::exception_ptr unreadable;
    std::size_t unreadable_call = 0;
  };

  Entry take_front();
  void count_reply(Entry& entry, bool is_failure);
  static std::vector<Answer> conclude(Entry entry);

  std::deque<Entry> entries_;
  std::size_t units_ = 0;
  bool awaits_end_ = false;
};

}  // namespace balcao::db::postgres

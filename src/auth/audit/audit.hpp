#pragma once

#include "auth/audit/store.hpp"

namespace balcao::auth {

/// The append-only trail of what matters to security: who did what to whom, and from where.
class Audit {
 public:
  /// What it is given must outlive it.
  Audit(AuditStore& store, Clock const& clock) : store_(store), clock_(clock) {}

  /// The call that writes an event down, for the batch or transaction that makes it true. `user` is to whom it was
  /// done. `details` is JSON, and holds no secret and no name that somebody typed.
  db::Call entry(Event event, Actor const& actor, std::optional<Id<User>> user, std::string details = "{}") const;

  /// The same for what ends a session: who did it, and to whom, is the session's user; nothing is written where it has
  /// ended before.
  db::Call entry_of_session(Event event, Id<Session> session, Origin const& origin) const;

  /// The same for the sessions that end because `opened` is one more than the user may have; nothing is written where
  /// it is not.
  db::Call entry_of_surplus(Event event, Session const& opened, std::size_t max_open, Origin const& origin) const;

  /// Writes down what changes nothing else, such as a login that failed.
  Task<> record(Event event, Actor actor, std::optional<Id<User>> user, std::string details = "{}");

  /// The newest first; `after` is the last one of the page before.
  Task<std::vector<AuditEntry>> list(AuditFilter filter, std::optional<Id<AuditEntry>> after, std::size_t limit) {
    return store_.list(std::move(filter), after, limit);
  }

 private:
  AuditStore& store_;
  Clock const& clock_;
};

}  // namespace balcao::auth

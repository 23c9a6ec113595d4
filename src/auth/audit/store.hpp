#pragma once

#include <vector>

#include "auth/audit/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::auth {

/// The trail as Auth keeps it; the database refuses to change or remove a line. Fails as db::Database does.
class AuditStore {
 public:
  explicit AuditStore(db::Database& database) : database_(database) {}

  /// The call that adds a line.
  db::Call insert(AuditEntry const& entry) const;
  /// The same, with the session's user as who did it and to whom; nothing where the session has ended.
  db::Call insert_of_session(AuditEntry const& entry, Id<Session> session) const;
  /// The same as `insert`; nothing where the user has at most `max_open` open sessions, `opened` among them.
  db::Call insert_of_surplus(AuditEntry const& entry, Id<Session> opened, std::size_t max_open) const;
  Task<> run(db::Call insertion);
  Task<std::vector<AuditEntry>> list(AuditFilter filter, std::optional<Id<AuditEntry>> after, std::size_t limit);

 private:
  db::Database& database_;
};

}  // namespace balcao::auth

#include "auth/audit/store.hpp"

namespace balcao::auth {
namespace {

using db::Statement;

constexpr Statement insert_sql{"auth.audit_insert", R"(
INSERT INTO auth.audit (id, created_at, event, actor_id, user_id, address, user_agent, details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8))"};

constexpr Statement insert_of_session_sql{"auth.audit_insert_of_session", R"(
INSERT INTO auth.audit (id, created_at, event, actor_id, user_id, address, user_agent, details)
SELECT $1, $2, $3, user_id, user_id, $4, $5, $6 FROM auth.sessions WHERE id = $7 AND ended_at IS NULL)"};

constexpr Statement insert_of_surplus_sql{"auth.audit_insert_of_surplus", R"(
INSERT INTO auth.audit (id, created_at, event, actor_id, user_id, address, user_agent, details)
SELECT $1, $2, $3, user_id, user_id, $4, $5, $6 FROM auth.sessions
WHERE user_id = $7 AND ended_at IS NULL AND id <> $8 ORDER BY id LIMIT 1 OFFSET $9)"};

// One statement for each filter, so that each has its index.
constexpr Statement all_sql{"auth.audit_all", R"(
SELECT id, created_at, event, actor_id, user_id, address, user_agent, details
FROM auth.audit WHERE id < $1 ORDER BY id DESC LIMIT $2)"};

constexpr Statement of_event_sql{"auth.audit_of_event", R"(
SELECT id, created_at, event, actor_id, user_id, address, user_agent, details
FROM auth.audit WHERE id < $1 AND event = $3 ORDER BY id DESC LIMIT $2)"};

constexpr Statement of_user_sql{"auth.audit_of_user", R"(
SELECT id, created_at, event, actor_id, user_id, address, user_agent, details
FROM auth.audit WHERE id < $1 AND user_id = $3 ORDER BY id DESC LIMIT $2)"};

constexpr Statement of_user_and_event_sql{"auth.audit_of_user_and_event", R"(
SELECT id, created_at, event, actor_id, user_id, address, user_agent, details
FROM auth.audit WHERE id < $1 AND user_id = $3 AND event = $4 ORDER BY id DESC LIMIT $2)"};

AuditEntry read(db::Row const& row) {
  return {row.get<Id<AuditEntry>>(0),
          row.get<Time>(1),
          row.get<std::string>(2),
          row.get<std::optional<Id<User>>>(3),
          row.get<std::optional<Id<User>>>(4),
          row.get<std::string>(5),
          row.get<std::string>(6),
          row.get<std::string>(7)};
}

}  // namespace

db::Call AuditStore::insert(AuditEntry const& entry) const {
  return db::call(insert_sql, entry.id, entry.created_at, entry.event, entry.actor, entry.user, entry.address,
                  entry.user_agent, entry.details);
}

db::Call AuditStore::insert_of_session(AuditEntry const& entry, Id<Session> session) const {
  return db::call(insert_of_session_sql, entry.id, entry.created_at, entry.event, entry.address, entry.user_agent,
                  entry.details, session);
}

db::Call AuditStore::insert_of_surplus(AuditEntry const& entry, Id<Session> opened, std::size_t max_open) const {
  return db::call(insert_of_surplus_sql, entry.id, entry.created_at, entry.event, entry.address, entry.user_agent,
                  entry.details, entry.user.value(), opened, max_open - 1);
}

Task<> AuditStore::run(db::Call insertion) { co_await database_.query(std::move(insertion)); }

Task<std::vector<AuditEntry>> AuditStore::list(AuditFilter filter, std::optional<Id<AuditEntry>> after,
                                               std::size_t limit) {
  auto const before = after.value_or(Id<AuditEntry>{last_uuid});
  db::Rows rows;
  if (filter.user && filter.event) {
    rows = co_await database_.query(of_user_and_event_sql, before, limit, *filter.user, *filter.event);
  } else if (filter.user) {
    rows = co_await database_.query(of_user_sql, before, limit, *filter.user);
  } else if (filter.event) {
    rows = co_await database_.query(of_event_sql, before, limit, *filter.event);
  } else {
    rows = co_await database_.query(all_sql, before, limit);
  }
  std::vector<AuditEntry> entries;
  for (auto const& row : rows) entries.push_back(read(row));
  co_return entries;
}

}  // namespace balcao::auth

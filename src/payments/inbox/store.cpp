#include "payments/inbox/store.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

constexpr Statement insert_sql{"payments.insert_event", R"(
INSERT INTO payments.gateway_events (id, type, object_id, intent_id, created_at, received_at, due_at, tries,
  processed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) ON CONFLICT (id) DO NOTHING)"};

constexpr Statement processed_sql{"payments.event_processed", R"(
UPDATE payments.gateway_events SET due_at = NULL, processed_at = $2 WHERE id = $1 AND processed_at IS NULL)"};

constexpr Statement due_at_sql{
    "payments.event_due_at",
    R"(UPDATE payments.gateway_events SET due_at = $2 WHERE id = $1 AND processed_at IS NULL)"};

constexpr Statement purge_sql{"payments.purge_events", R"(
DELETE FROM payments.gateway_events WHERE id IN (SELECT id FROM payments.gateway_events
  WHERE received_at < $1 AND processed_at IS NOT NULL ORDER BY received_at LIMIT $2))"};

}  // namespace

Task<> InboxStore::insert(GatewayEvent event, Time received_at, std::optional<Time> due) {
  auto const processed_at = due ? std::nullopt : std::optional(received_at);
  co_await database_.query(insert_sql, event.id, event.type, event.object_id, event.intent, event.created_at,
                           received_at, due, processed_at);
}

std::vector<DueEvent> InboxStore::read(db::Rows const& rows) {
  std::vector<DueEvent> events;
  for (auto const& row : rows) {
    events.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2),
                      row.get<std::string>(3), row.get<std::int64_t>(4)});
  }
  return events;
}

Task<> InboxStore::processed(std::vector<std::string> ids, Time now) {
  std::vector<db::Call> calls;
  for (auto const& id : ids) calls.push_back(db::call(processed_sql, id, now));
  if (!calls.empty()) co_await database_.batch(std::move(calls));
}

Task<> InboxStore::due_at(std::vector<std::string> ids, Time when) {
  std::vector<db::Call> calls;
  for (auto const& id : ids) calls.push_back(db::call(due_at_sql, id, when));
  if (!calls.empty()) co_await database_.batch(std::move(calls));
}

Task<std::int64_t> InboxStore::purge(Time before, std::int64_t most) {
  co_return (co_await database_.query(purge_sql, before, most)).affected;
}

}  // namespace balcao::payments

#include "sandbox/events/store.hpp"

#include "platform/json/parse.hpp"

namespace balcao::sandbox::events {
namespace {

constexpr db::Statement find_event{
    "sandbox_find_event",
    "SELECT id, created_at, type, resource, (SELECT count(*) FROM sandbox.deliveries AS d WHERE d.event_id = e.id AND "
    "d.delivered_at IS NULL) FROM sandbox.events AS e WHERE id = $1"};

// $6 is the list of the types, each between commas; empty: every type.
constexpr db::Statement older_events{
    "sandbox_older_events",
    "SELECT id, created_at, type, resource, (SELECT count(*) FROM sandbox.deliveries AS d WHERE d.event_id = e.id AND "
    "d.delivered_at IS NULL) FROM sandbox.events AS e "
    "WHERE created_at >= $1 AND created_at < $2 AND (created_at, id) < ($3, $4) AND type LIKE $5 "
    "AND ($6 = '' OR $6 LIKE '%,' || type || ',%') "
    "AND ($7 <> 'pending' OR EXISTS (SELECT 1 FROM sandbox.deliveries AS d WHERE d.event_id = e.id AND "
    "d.delivered_at IS NULL)) "
    "AND ($7 <> 'successful' OR NOT EXISTS (SELECT 1 FROM sandbox.deliveries AS d WHERE d.event_id = e.id AND "
    "d.delivered_at IS NULL)) "
    "ORDER BY created_at DESC, id DESC LIMIT $8"};

constexpr db::Statement newer_events{
    "sandbox_newer_events",
    "SELECT id, created_at, type, resource, (SELECT count(*) FROM sandbox.deliveries AS d WHERE d.event_id = e.id AND "
    "d.delivered_at IS NULL) FROM sandbox.events AS e "
    "WHERE created_at >= $1 AND created_at < $2 AND (created_at, id) > ($3, $4) AND type LIKE $5 "
    "AND ($6 = '' OR $6 LIKE '%,' || type || ',%') "
    "AND ($7 <> 'pending' OR EXISTS (SELECT 1 FROM sandbox.deliveries AS d WHERE d.event_id = e.id AND "
    "d.delivered_at IS NULL)) "
    "AND ($7 <> 'successful' OR NOT EXISTS (SELECT 1 FROM sandbox.deliveries AS d WHERE d.event_id = e.id AND "
    "d.delivered_at IS NULL)) "
    "ORDER BY created_at, id LIMIT $8"};

constexpr db::Statement count_pending{
    "sandbox_count_pending", "SELECT count(*) FROM sandbox.deliveries WHERE event_id = $1 AND delivered_at IS NULL"};

constexpr db::Statement set_delivered{
    "sandbox_set_delivered",
    "UPDATE sandbox.deliveries SET delivered_at = $3 WHERE event_id = $1 AND endpoint_id = $2"};

constexpr db::Statement remove_delivery{"sandbox_remove_delivery",
                                        "DELETE FROM sandbox.deliveries WHERE event_id = $1 AND endpoint_id = $2"};

constexpr db::Statement insert_event{
    "sandbox_insert_event", "INSERT INTO sandbox.events (id, created_at, type, resource) VALUES ($1, $2, $3, $4)"};

constexpr db::Statement insert_delivery{
    "sandbox_insert_delivery",
    "INSERT INTO sandbox.deliveries (event_id, endpoint_id, created_at) VALUES ($1, $2, $3)"};

constexpr db::Statement purge_events_sql{
    "sandbox_purge_events",
    "DELETE FROM sandbox.events WHERE id IN (SELECT id FROM sandbox.events WHERE created_at <= $1 "
    "ORDER BY created_at, id LIMIT $2)"};

constexpr db::Statement purge_deliveries_sql{
    "sandbox_purge_deliveries",
    "DELETE FROM sandbox.deliveries WHERE (event_id, endpoint_id) IN (SELECT event_id, endpoint_id "
    "FROM sandbox.deliveries WHERE created_at <= $1 ORDER BY created_at LIMIT $2)"};

Event read(db::Row const& row) {
  Event event{row.get<std::string>(0), row.get<Time>(1), row.get<std::string>(2),
              json::parse(row.get<std::string>(3)).value().as_object()};
  event.resource["pending_webhooks"] = row.get<std::int64_t>(4);
  return event;
}

std::vector<Event> read(db::Rows const& rows) {
  std::vector<Event> events;
  for (auto const& row : rows) events.push_back(read(row));
  return events;
}

std::string_view name_of(Delivery delivery) {
  switch (delivery) {
    case Delivery::any:
      return "any";
    case Delivery::successful:
      return "successful";
    case Delivery::pending:
      return "pending";
  }
  return {};
}

db::Call page(db::Statement const& statement, Filter const& filter, Position const& place, std::size_t count) {
  std::string types;
  for (auto const& type : filter.types) types += (types.empty() ? "," : "") + type + ",";
  return db::call(statement, filter.created.from, filter.created.until, place.created_at, place.id,
                  filter.like.empty() ? "%" : filter.like, types, name_of(filter.delivery), count);
}

}  // namespace

Task<std::optional<Event>> Store::find(std::string id) {
  auto const rows = co_await database_.query(find_event, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read(rows.front());
}

Task<std::vector<Event>> Store::older(Filter filter, Position place, std::size_t count) {
  co_return read(co_await database_.query(page(older_events, filter, place, count)));
}

Task<std::vector<Event>> Store::newer(Filter filter, Position place, std::size_t count) {
  co_return read(co_await database_.query(page(newer_events, filter, place, count)));
}

Task<std::int64_t> Store::pending(std::string event) {
  auto const rows = co_await database_.query(count_pending, event);
  co_return rows.front().get<std::int64_t>(0);
}

Task<> Store::delivered(std::string event, std::string endpoint, Time now) {
  co_await database_.query(set_delivered, event, endpoint, now);
}

Task<> Store::forget_delivery(std::string event, std::string endpoint) {
  co_await database_.query(remove_delivery, event, endpoint);
}

db::Call Store::insert(Event const& event) {
  return db::call(insert_event, event.id, event.created_at, event.type, json::to_text(event.resource));
}

db::Call Store::expect_delivery(Event const& event, std::string const& endpoint) {
  return db::call(insert_delivery, event.id, endpoint, event.created_at);
}

Task<std::int64_t> Store::purge(Time kept_since, std::int64_t most) {
  co_return (co_await database_.query(purge_events_sql, kept_since, most)).affected;
}

Task<std::int64_t> Store::purge_deliveries(Time kept_since, std::int64_t most) {
  co_return (co_await database_.query(purge_deliveries_sql, kept_since, most)).affected;
}

}  // namespace balcao::sandbox::events

#include "payments/webhooks/store.hpp"

// What is done with deliveries that a dead process has left, or that are past their time.

namespace balcao::payments {
namespace {

using db::Statement;

constexpr Statement set_aside_sql{"payments.set_webhook_deliveries_aside", R"(UPDATE payments.webhook_deliveries
SET status = 'failed', next_at = NULL, leased_until = NULL, set_aside_at = $1, answer = NULL, error = $3
WHERE leased_until <= $1 AND next_at IS NOT NULL AND deaths >= $2
RETURNING endpoint_id, message_id)"};

constexpr Statement release_sql{"payments.release_webhook_delivery", R"(UPDATE payments.webhook_deliveries
SET leased_until = NULL, next_at = $4 WHERE endpoint_id = $1 AND message_id = $2 AND leased_until = $3)"};

constexpr Statement count_set_aside_sql{
    "payments.count_webhook_deliveries_set_aside",
    R"(SELECT count(*) FROM payments.webhook_deliveries WHERE set_aside_at IS NOT NULL)"};

constexpr Statement purge_sql{"payments.purge_webhook_deliveries",
                              R"(DELETE FROM payments.webhook_deliveries WHERE created_at < $1
  AND (endpoint_id, message_id) IN (SELECT endpoint_id, message_id FROM payments.webhook_deliveries
    WHERE created_at < $1 ORDER BY created_at LIMIT $2))"};

}  // namespace

Task<std::vector<WebhookStore::Key>> WebhookStore::set_aside(Time now, int deaths, std::string error) {
  std::vector<Key> keys;
  for (auto const& row : co_await database_.query(set_aside_sql, now, deaths, error)) {
    keys.push_back({row.get<Id<WebhookEndpoint>>(0), row.get<Id<Delivery::Message>>(1)});
  }
  co_return keys;
}

db::Call WebhookStore::release(Id<WebhookEndpoint> endpoint, ClaimedDelivery const& delivery, Time next_at) {
  return db::call(release_sql, endpoint, delivery.id, delivery.lease, next_at);
}

Task<jobs::SetAside> WebhookStore::count_set_aside() {
  auto const rows = co_await database_.query(count_set_aside_sql);
  co_return jobs::SetAside{"webhook delivery", rows.front().get<std::int64_t>(0)};
}

Task<std::int64_t> WebhookStore::purge(Time before, std::int64_t most) {
  co_return (co_await database_.query(purge_sql, before, most)).affected;
}

}  // namespace balcao::payments

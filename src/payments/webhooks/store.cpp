#include "payments/webhooks/store.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

constexpr Statement spread_sql{"payments.spread_message", R"(
INSERT INTO payments.webhook_deliveries
  (endpoint_id, message_id, owner_id, type, body, status, attempts, created_at, next_at)
SELECT id, $1::uuid, $2::uuid, $3::text, $4::text, 'pending', 0, $5::timestamptz, $5::timestamptz
FROM payments.webhook_endpoints
WHERE (owner_id = $2::uuid OR everyone) AND disabled_at IS NULL
  AND (types = '' OR types LIKE '% ' || $3::text || ' %'))"};

}  // namespace

db::Call WebhookStore::spread(NewMessage const& message) {
  return db::call(spread_sql, message.id, message.owner, message.type, message.body, message.now);
}

}  // namespace balcao::payments

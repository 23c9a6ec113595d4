#include "payments/webhooks/store.hpp"

namespace balcao::payments {
namespace {

using db::Bytes;
using db::Statement;

constexpr Statement count_sql{"payments.count_webhook_endpoints",
                              R"(SELECT count(*) FROM payments.webhook_endpoints WHERE owner_id = $1)"};

constexpr Statement insert_sql{"payments.insert_webhook_endpoint", R"(
INSERT INTO payments.webhook_endpoints
  (id, owner_id, everyone, url, description, types, secret, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8))"};

constexpr Statement find_sql{
    "payments.find_webhook_endpoint",
    R"(SELECT id, owner_id, everyone, url, description, types, disabled_at, disabled_reason, failing_since,
  created_at, updated_at FROM payments.webhook_endpoints WHERE id = $1)"};

constexpr Statement list_sql{
    "payments.list_webhook_endpoints",
    R"(SELECT id, owner_id, everyone, url, description, types, disabled_at, disabled_reason, failing_since,
  created_at, updated_at FROM payments.webhook_endpoints WHERE id < $1 ORDER BY id DESC LIMIT $2)"};

constexpr Statement list_owned_sql{
    "payments.list_owned_webhook_endpoints",
    R"(SELECT id, owner_id, everyone, url, description, types, disabled_at, disabled_reason, failing_since,
  created_at, updated_at FROM payments.webhook_endpoints WHERE owner_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2)"};

constexpr Statement change_sql{"payments.change_webhook_endpoint", R"(UPDATE payments.webhook_endpoints
SET url = COALESCE($2::text, url), description = COALESCE($3::text, description), types = COALESCE($4::text, types),
  updated_at = $5
WHERE id = $1)"};

constexpr Statement enable_sql{"payments.enable_webhook_endpoint", R"(UPDATE payments.webhook_endpoints
SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL, updated_at = $2
WHERE id = $1 AND disabled_at IS NOT NULL)"};

constexpr Statement disable_sql{"payments.disable_webhook_endpoint", R"(UPDATE payments.webhook_endpoints
SET disabled_at = $3, disabled_reason = $2, updated_at = $3
WHERE id = $1 AND disabled_at IS NULL AND ($4::timestamptz IS NULL OR failing_since <= $4::timestamptz))"};

// What was on its way can be replayed, once the endpoint is enabled again.
constexpr Statement give_up_sql{"payments.give_up_webhook_deliveries", R"(UPDATE payments.webhook_deliveries
SET status = 'failed', next_at = NULL
WHERE endpoint_id = $1 AND next_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM payments.webhook_endpoints WHERE id = $1 AND disabled_at IS NOT NULL))"};

constexpr Statement set_secret_sql{"payments.set_webhook_secret", R"(UPDATE payments.webhook_endpoints
SET old_secret = secret, old_secret_until = $3, secret = $2, updated_at = $4 WHERE id = $1)"};

constexpr Statement remove_sql{"payments.remove_webhook_endpoint",
                               R"(DELETE FROM payments.webhook_endpoints WHERE id = $1)"};

constexpr Statement remove_deliveries_sql{"payments.remove_webhook_deliveries",
                                          R"(DELETE FROM payments.webhook_deliveries WHERE endpoint_id = $1)"};

constexpr Statement remove_deliveries_to_sql{"payments.remove_webhook_deliveries_to", R"(
DELETE FROM payments.webhook_deliveries
WHERE endpoint_id IN (SELECT id FROM payments.webhook_endpoints WHERE owner_id = $1))"};

constexpr Statement remove_deliveries_about_sql{"payments.remove_webhook_deliveries_about",
                                                R"(DELETE FROM payments.webhook_deliveries WHERE owner_id = $1)"};

constexpr Statement remove_owned_sql{"payments.remove_owned_webhook_endpoints",
                                     R"(DELETE FROM payments.webhook_endpoints WHERE owner_id = $1)"};

constexpr Statement secrets_sql{"payments.webhook_secrets",
                                R"(SELECT id, secret, old_secret, old_secret_until FROM payments.webhook_endpoints
WHERE id > $1 ORDER BY id LIMIT $2)"};

constexpr Statement reseal_sql{"payments.reseal_webhook_secrets", R"(UPDATE payments.webhook_endpoints
SET secret = $3, old_secret = $4 WHERE id = $1 AND secret = $2)"};

constexpr Statement spread_sql{"payments.spread_message", R"(
INSERT INTO payments.webhook_deliveries
  (endpoint_id, message_id, owner_id, type, body, status, attempts, created_at, next_at)
SELECT id, $1::uuid, $2::uuid, $3::text, $4::text, 'pending', 0, $5::timestamptz, $5::timestamptz
FROM payments.webhook_endpoints
WHERE (owner_id = $2::uuid OR everyone) AND disabled_at IS NULL
  AND (types = '' OR types LIKE '% ' || $3::text || ' %'))"};

constexpr Statement tell_test_sql{"payments.tell_webhook_test", R"(
INSERT INTO payments.webhook_deliveries
  (endpoint_id, message_id, owner_id, type, body, status, attempts, created_at, next_at)
SELECT $1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, 'pending', 0, $6::timestamptz, $6::timestamptz
WHERE (SELECT count(*) FROM payments.webhook_deliveries
  WHERE owner_id = $3::uuid AND type = 'webhook.test' AND created_at > $7) < $8)"};

constexpr Statement delivery_sql{
    "payments.webhook_delivery",
    R"(SELECT message_id, type, status, attempts, answer, error, created_at, attempted_at, next_at, body
FROM payments.webhook_deliveries WHERE endpoint_id = $1 AND message_id = $2)"};

constexpr Statement deliveries_sql{
    "payments.webhook_deliveries",
    R"(SELECT message_id, type, status, attempts, answer, error, created_at, attempted_at, next_at, body
FROM payments.webhook_deliveries
WHERE endpoint_id = $1 AND message_id < $2 AND ($3::text IS NULL OR status = $3::text)
ORDER BY message_id DESC LIMIT $4)"};

constexpr Statement replay_sql{"payments.replay_webhook_delivery", R"(UPDATE payments.webhook_deliveries
SET status = 'pending', attempts = 0, next_at = $3, leased_until = NULL, deaths = 0, set_aside_at = NULL
WHERE endpoint_id = $1 AND message_id = $2)"};

constexpr Statement replay_failed_sql{"payments.replay_failed_webhook_deliveries",
                                      R"(UPDATE payments.webhook_deliveries
SET status = 'pending', attempts = 0, next_at = $3, leased_until = NULL, deaths = 0, set_aside_at = NULL
WHERE endpoint_id = $1 AND status = 'failed' AND created_at >= $2)"};

constexpr Statement anyone_listens_sql{"payments.anyone_listens",
                                       R"(SELECT 1 FROM payments.webhook_endpoints WHERE disabled_at IS NULL LIMIT 1)"};

constexpr Statement due_sql{"payments.due_webhook_endpoints",
                            R"(SELECT id, url, secret, old_secret, old_secret_until, failing_since, updated_at, owner_id
FROM payments.webhook_endpoints AS endpoint
WHERE disabled_at IS NULL AND id > $2 AND EXISTS (SELECT 1 FROM payments.webhook_deliveries
  WHERE endpoint_id = endpoint.id AND next_at <= $1 AND leased_until IS NULL)
ORDER BY id LIMIT $3)"};

// The condition stands outside as well: in PostgreSQL two may select the same delivery, and the one that has to wait
// for the other's lock looks at the row again.
constexpr Statement claim_sql{"payments.claim_webhook_deliveries", R"(UPDATE payments.webhook_deliveries
SET next_at = $3, leased_until = $3, attempts = attempts + 1, attempted_at = $2
WHERE endpoint_id = $1 AND next_at <= $2 AND leased_until IS NULL AND message_id IN (
  SELECT message_id FROM payments.webhook_deliveries
  WHERE endpoint_id = $1 AND next_at <= $2 AND leased_until IS NULL
    AND EXISTS (SELECT 1 FROM payments.webhook_endpoints WHERE id = $1 AND updated_at = $4 AND disabled_at IS NULL)
  ORDER BY next_at, message_id LIMIT $5)
RETURNING message_id, type, body, attempts)"};

constexpr Statement settle_sql{"payments.settle_webhook_delivery", R"(UPDATE payments.webhook_deliveries
SET status = $4, answer = $5, error = $6, next_at = $7, leased_until = NULL, deaths = 0
WHERE endpoint_id = $1 AND message_id = $2 AND next_at = $3)"};

// A lease that has run out is the trace of a process that died with the delivery.

constexpr Statement lost_sql{"payments.lost_webhook_delivery",
                             R"(SELECT e.id, e.url, e.secret, e.old_secret, e.old_secret_until, e.failing_since,
  e.updated_at, e.owner_id, d.message_id
FROM payments.webhook_deliveries AS d JOIN payments.webhook_endpoints AS e ON e.id = d.endpoint_id
WHERE d.leased_until <= $1 AND d.next_at IS NOT NULL AND e.disabled_at IS NULL
ORDER BY d.leased_until LIMIT 1)"};

constexpr Statement claim_lost_sql{"payments.claim_lost_webhook_delivery", R"(UPDATE payments.webhook_deliveries
SET next_at = $3, leased_until = $3, attempts = attempts + 1, attempted_at = $2, deaths = deaths + 1
WHERE endpoint_id = $1 AND message_id = $5 AND leased_until <= $2 AND next_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM payments.webhook_endpoints WHERE id = $1 AND updated_at = $4 AND disabled_at IS NULL)
RETURNING message_id, type, body, attempts)"};

constexpr Statement fares_well_sql{
    "payments.webhook_endpoint_fares_well",
    R"(UPDATE payments.webhook_endpoints SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL)"};

constexpr Statement fares_ill_sql{
    "payments.webhook_endpoint_fares_ill",
    R"(UPDATE payments.webhook_endpoints SET failing_since = $2 WHERE id = $1 AND failing_since IS NULL)"};

std::string to_column(std::vector<std::string> const& types) {
  std::string text;
  for (auto const& type : types) text += (text.empty() ? " " : "") + type + ' ';
  return text;
}

std::vector<std::string> from_column(std::string_view text) {
  std::vector<std::string> types;
  for (std::size_t begin = 1; begin < text.size();) {
    auto const end = text.find(' ', begin);
    types.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return types;
}

WebhookEndpoint read_endpoint(db::Row const& row) {
  return {row.get<Id<WebhookEndpoint>>(0),
          row.get<Id<Owner>>(1),
          row.get<bool>(2),
          row.get<std::string>(3),
          row.get<std::string>(4),
          from_column(row.get<std::string>(5)),
          row.get<std::optional<Time>>(6),
          row.get<std::optional<std::string>>(7),
          row.get<std::optional<Time>>(8),
          row.get<Time>(9),
          row.get<Time>(10)};
}

StoredSecrets read_secrets(db::Row const& row, std::size_t first) {
  StoredSecrets secrets{row.get<Bytes>(first).data, std::nullopt, row.get<std::optional<Time>>(first + 2)};
  if (auto old = row.get<std::optional<Bytes>>(first + 1)) secrets.old_secret = std::move(old->data);
  return secrets;
}

DueEndpoint read_due(db::Row const& row) {
  return {row.get<Id<WebhookEndpoint>>(0),
          row.get<Id<Owner>>(7),
          row.get<std::string>(1),
          read_secrets(row, 2),
          row.get<std::optional<Time>>(5).has_value(),
          row.get<Time>(6)};
}

std::vector<ClaimedDelivery> read_claimed(db::Rows const& rows, Time lease) {
  std::vector<ClaimedDelivery> claimed;
  for (auto const& row : rows) {
    claimed.push_back({row.get<Id<Delivery::Message>>(0), row.get<std::string>(1), row.get<std::string>(2),
                       row.get<std::int64_t>(3), lease});
  }
  return claimed;
}

Delivery read_delivery(db::Row const& row) {
  return {row.get<Id<Delivery::Message>>(0),
          row.get<std::string>(1),
          row.get<std::string>(2),
          row.get<std::int64_t>(3),
          row.get<std::optional<std::int64_t>>(4),
          row.get<std::optional<std::string>>(5),
          row.get<Time>(6),
          row.get<std::optional<Time>>(7),
          row.get<std::optional<Time>>(8),
          row.get<std::string>(9)};
}

}  // namespace

Task<bool> WebhookStore::insert(WebhookEndpoint endpoint, std::string secret, std::int64_t most) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    auto const rows = co_await transaction.query(count_sql, endpoint.owner);
    if (rows.front().get<std::int64_t>(0) >= most) co_return false;
    co_await transaction.query(insert_sql, endpoint.id, endpoint.owner, endpoint.everyone, endpoint.url,
                               endpoint.description, to_column(endpoint.types), Bytes{secret}, endpoint.created_at);
    co_return true;
  });
}

Task<std::optional<WebhookEndpoint>> WebhookStore::find(Id<WebhookEndpoint> id) {
  auto const rows = co_await database_.query(find_sql, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read_endpoint(rows.front());
}

Task<std::vector<WebhookEndpoint>> WebhookStore::list(std::optional<Id<Owner>> owner, std::size_t limit,
                                                      std::optional<Id<WebhookEndpoint>> after) {
  auto const before = after ? after->uuid : last_uuid;
  auto const rows = owner ? co_await database_.query(list_owned_sql, before, limit + 1, *owner)
                          : co_await database_.query(list_sql, before, limit + 1);
  std::vector<WebhookEndpoint> endpoints;
  for (auto const& row : rows) endpoints.push_back(read_endpoint(row));
  co_return endpoints;
}

Task<> WebhookStore::change(Id<WebhookEndpoint> id, Change change, Time now) {
  auto const types = change.types ? std::optional(to_column(*change.types)) : std::nullopt;
  std::vector<db::Call> calls{db::call(change_sql, id, change.url, change.description, types, now)};
  if (change.enabled == true) calls.push_back(db::call(enable_sql, id, now));
  if (change.enabled == false) {
    calls.push_back(db::call(disable_sql, id, "requested", now, std::optional<Time>()));
    calls.push_back(db::call(give_up_sql, id));
  }
  co_await database_.batch(std::move(calls));
}

Task<> WebhookStore::set_secret(Id<WebhookEndpoint> id, std::string secret, Time old_until, Time now) {
  co_await database_.query(set_secret_sql, id, Bytes{std::move(secret)}, old_until, now);
}

Task<> WebhookStore::remove(Id<WebhookEndpoint> id) {
  std::vector<db::Call> calls{db::call(remove_sql, id), db::call(remove_deliveries_sql, id)};
  co_await database_.batch(std::move(calls));
}

Task<> WebhookStore::remove_of(Id<Owner> owner) {
  std::vector<db::Call> calls{db::call(remove_deliveries_to_sql, owner), db::call(remove_deliveries_about_sql, owner),
                              db::call(remove_owned_sql, owner)};
  co_await database_.batch(std::move(calls));
}

Task<std::vector<WebhookStore::Secrets>> WebhookStore::secrets(std::optional<Id<WebhookEndpoint>> after,
                                                               std::size_t limit) {
  auto const rows = co_await database_.query(secrets_sql, after ? after->uuid : Uuid{}, limit);
  std::vector<Secrets> all;
  for (auto const& row : rows) all.push_back({row.get<Id<WebhookEndpoint>>(0), read_secrets(row, 1)});
  co_return all;
}

Task<> WebhookStore::reseal(Secrets before, StoredSecrets renewed) {
  auto const old = renewed.old_secret ? std::optional(Bytes{*renewed.old_secret}) : std::nullopt;
  co_await database_.query(reseal_sql, before.id, Bytes{before.secrets.secret}, Bytes{renewed.secret}, old);
}

db::Call WebhookStore::spread(NewMessage const& message) {
  return db::call(spread_sql, message.id, message.owner, message.type, message.body, message.now);
}

Task<bool> WebhookStore::tell_test(Id<WebhookEndpoint> endpoint, NewMessage message, Time since, std::int64_t most) {
  auto const told = co_await database_.query(tell_test_sql, endpoint, message.id, message.owner, message.type,
                                             message.body, message.now, since, most);
  co_return told.affected == 1;
}

Task<std::optional<Delivery>> WebhookStore::delivery(Id<WebhookEndpoint> endpoint, Id<Delivery::Message> id) {
  auto const rows = co_await database_.query(delivery_sql, endpoint, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read_delivery(rows.front());
}

Task<std::vector<Delivery>> WebhookStore::deliveries(DeliveryListRequest request) {
  auto const before = request.after ? request.after->uuid : last_uuid;
  auto const rows =
      co_await database_.query(deliveries_sql, request.endpoint, before, request.status, request.limit + 1);
  std::vector<Delivery> deliveries;
  for (auto const& row : rows) deliveries.push_back(read_delivery(row));
  co_return deliveries;
}

Task<> WebhookStore::replay(Id<WebhookEndpoint> endpoint, Id<Delivery::Message> id, Time now) {
  co_await database_.query(replay_sql, endpoint, id, now);
}

Task<std::int64_t> WebhookStore::replay_failed(Id<WebhookEndpoint> endpoint, Time since, Time now) {
  co_return (co_await database_.query(replay_failed_sql, endpoint, since, now)).affected;
}

Task<bool> WebhookStore::anyone_listens() { co_return !(co_await database_.query(anyone_listens_sql)).empty(); }

Task<std::vector<DueEndpoint>> WebhookStore::due(Time now, Id<WebhookEndpoint> after, std::size_t most) {
  auto const rows = co_await database_.query(due_sql, now, after, most);
  std::vector<DueEndpoint> endpoints;
  for (auto const& row : rows) endpoints.push_back(read_due(row));
  co_return endpoints;
}

Task<std::vector<ClaimedDelivery>> WebhookStore::claim(DueEndpoint endpoint, Time now, Time lease, std::size_t most) {
  co_return read_claimed(co_await database_.query(claim_sql, endpoint.id, now, lease, endpoint.updated_at, most),
                         lease);
}

Task<std::optional<WebhookStore::Lost>> WebhookStore::claim_lost(Time now, Time lease) {
  auto const rows = co_await database_.query(lost_sql, now);
  if (rows.empty()) co_return std::nullopt;
  auto endpoint = read_due(rows.front());
  auto claimed = read_claimed(
      co_await database_.query(claim_lost_sql, endpoint.id, now, lease, endpoint.updated_at, rows.front().get<Uuid>(8)),
      lease);
  if (claimed.empty()) co_return std::nullopt;
  co_return Lost{std::move(endpoint), std::move(claimed.front())};
}

Task<> WebhookStore::apply(std::vector<db::Call> calls) { co_await database_.batch(std::move(calls)); }

Task<> WebhookStore::settle(Settlement settlement) {
  auto const& [endpoint, delivery, attempt, next_at, disable, unless_well_since, now] = settlement;
  bool const well = attempt.went_well();
  auto const status = well ? "delivered" : next_at ? "pending" : "failed";
  auto const answer = attempt.answer ? std::optional(attempt.answer) : std::nullopt;
  auto const error = attempt.error.empty() ? std::nullopt : std::optional(attempt.error);
  std::vector<db::Call> calls{
      db::call(settle_sql, endpoint, delivery.id, delivery.lease, status, answer, error, next_at),
      well ? db::call(fares_well_sql, endpoint) : db::call(fares_ill_sql, endpoint, now)};
  if (disable) {
    calls.push_back(db::call(disable_sql, endpoint, *disable, now, unless_well_since));
    calls.push_back(db::call(give_up_sql, endpoint));
  }
  co_await database_.batch(std::move(calls));
}

}  // namespace balcao::payments

#include "payments/payment/store.hpp"

#include "payments/payment/words.hpp"
#include "platform/json/parse.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

#define SELECT_PAYMENT                                                                                              \
  "SELECT p.id, p.owner_id, p.client_id, p.order_id, p.amount, p.currency, p.capture, p.description, p.status, "    \
  "p.gateway_id, p.method, p.next_action, p.decline, p.amount_captured, p.amount_refunded, p.version, p.check_at, " \
  "p.created_at, p.updated_at, a.id, a.kind, a.parameters, a.tries, a.created_at "                                  \
  "FROM payments.payments AS p LEFT JOIN payments.attempts AS a ON a.payment_id = p.id AND a.settled_at IS NULL "

constexpr Statement find_sql{"payments.find_payment", SELECT_PAYMENT "WHERE p.id = $1"};
constexpr Statement find_by_gateway_id_sql{"payments.find_payment_by_gateway_id",
                                           SELECT_PAYMENT "WHERE p.gateway_id = $1"};
constexpr Statement find_by_order_sql{"payments.find_payment_by_order", SELECT_PAYMENT "WHERE p.order_id = $1"};
constexpr Statement list_sql{"payments.list_payments", SELECT_PAYMENT "WHERE p.id < $1 ORDER BY p.id DESC LIMIT $2"};
constexpr Statement list_owned_sql{"payments.list_owned_payments",
                                   SELECT_PAYMENT "WHERE p.owner_id = $3 AND p.id < $1 ORDER BY p.id DESC LIMIT $2"};
constexpr Statement list_of_client_sql{"payments.list_payments_of_client", SELECT_PAYMENT
                                       "WHERE p.client_id = $3 AND p.id < $1 ORDER BY p.id DESC LIMIT $2"};
constexpr Statement list_owned_of_client_sql{
    "payments.list_owned_payments_of_client",
    SELECT_PAYMENT "WHERE p.owner_id = $3 AND p.client_id = $4 AND p.id < $1 ORDER BY p.id DESC LIMIT $2"};
constexpr Statement made_between_sql{"payments.payments_made_between", SELECT_PAYMENT
                                     "WHERE p.created_at >= $1 AND p.created_at < $2 AND p.id > $3 ORDER BY p.id "
                                     "LIMIT $4"};

#undef SELECT_PAYMENT

constexpr Statement attempts_sql{"payments.attempts_of_payment",
                                 R"(SELECT id, kind, parameters, tries, created_at, outcome, code
FROM payments.attempts WHERE payment_id = $1 ORDER BY id)"};

constexpr Statement insert_sql{"payments.insert_payment", R"(
INSERT INTO payments.payments (id, owner_id, client_id, order_id, amount, currency, capture, description, status,
  method, amount_captured, amount_refunded, version, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 1, $11, $11))"};

// Another version makes it NULL, which the column refuses: the whole batch fails.
constexpr Statement update_sql{"payments.update_payment", R"(
UPDATE payments.payments SET version = CASE WHEN version = $2 THEN version + 1 END, status = $3, gateway_id = $4,
  method = $5, next_action = $6, decline = $7, amount_captured = $8, check_at = $9, updated_at = $10 WHERE id = $1)"};

constexpr Statement add_refunded_sql{
    "payments.add_refunded",
    R"(UPDATE payments.payments SET amount_refunded = amount_refunded + $2, updated_at = $3 WHERE id = $1)"};

constexpr Statement remove_attempts_sql{"payments.remove_attempts",
                                        R"(DELETE FROM payments.attempts WHERE payment_id = $1
  AND EXISTS (SELECT 1 FROM payments.payments WHERE id = $1 AND gateway_id IS NULL))"};
constexpr Statement remove_sql{"payments.remove_payment",
                               R"(DELETE FROM payments.payments WHERE id = $1 AND gateway_id IS NULL)"};

constexpr Statement insert_attempt_sql{"payments.insert_attempt", R"(
INSERT INTO payments.attempts (id, payment_id, kind, parameters, retry_at, tries, created_at)
VALUES ($1, $2, $3, $4, $5, 0, $6))"};

constexpr Statement settle_sql{"payments.settle_attempt", R"(
UPDATE payments.attempts SET outcome = $2, code = $3, settled_at = $4, parameters = ''
WHERE id = $1 AND settled_at IS NULL)"};

constexpr Statement retry_at_sql{"payments.retry_attempt_at",
                                 R"(UPDATE payments.attempts SET retry_at = $2 WHERE id = $1 AND settled_at IS NULL)"};

json::Object object_in(std::string const& text) {
  auto document = json::parse(text);
  return document && document->is_object() ? std::move(document->as_object()) : json::Object{};
}

std::optional<std::string> text_of(std::optional<json::Object> const& object) {
  return object ? std::optional(json::to_text(*object)) : std::nullopt;
}

std::optional<std::string> text_of(std::optional<Decline> const& decline) {
  if (!decline) return std::nullopt;
  return json::to_text(
      json::Object{{"code", decline->code}, {"decline_code", decline->decline_code}, {"message", decline->message}});
}

std::optional<Decline> read_decline(std::optional<std::string> const& text) {
  if (!text) return std::nullopt;
  auto const object = object_in(*text);
  auto const member = [&](std::string_view name) { return std::string(object.at(name).as_string()); };
  return Decline{member("code"), member("decline_code"), member("message")};
}

Payment read(db::Row const& row) {
  Payment payment{.id = row.get<Id<Payment>>(0),
                  .owner = row.get<Id<Owner>>(1),
                  .client = row.get<std::optional<Id<Client>>>(2),
                  .order = row.get<std::optional<Id<Order>>>(3),
                  .amount = row.get<std::int64_t>(4),
                  .currency = row.get<std::string>(5),
                  .capture = capture_words.read(row.get<std::string>(6)),
                  .description = row.get<std::optional<std::string>>(7),
                  .status = status_words.read(row.get<std::string>(8)),
                  .gateway_id = row.get<std::optional<std::string>>(9),
                  .method = row.get<std::optional<std::string>>(10),
                  .decline = read_decline(row.get<std::optional<std::string>>(12)),
                  .amount_captured = row.get<std::int64_t>(13),
                  .amount_refunded = row.get<std::int64_t>(14),
                  .version = row.get<std::int64_t>(15),
                  .check_at = row.get<std::optional<Time>>(16),
                  .created_at = row.get<Time>(17),
                  .updated_at = row.get<Time>(18)};
  if (auto const action = row.get<std::optional<std::string>>(11)) payment.next_action = object_in(*action);
  if (auto const open = row.get<std::optional<Id<Attempt>>>(19)) {
    payment.open = Attempt{.id = *open,
                           .kind = kind_words.read(row.get<std::string>(20)),
                           .parameters = object_in(row.get<std::string>(21)),
                           .tries = row.get<std::int64_t>(22),
                           .created_at = row.get<Time>(23)};
  }
  return payment;
}

std::optional<Payment> read_one(db::Rows const& rows) {
  return rows.empty() ? std::nullopt : std::optional(read(rows.front()));
}

std::vector<Payment> read_all(db::Rows const& rows) {
  std::vector<Payment> payments;
  for (auto const& row : rows) payments.push_back(read(row));
  return payments;
}

}  // namespace

Task<std::optional<Payment>> PaymentStore::find(Id<Payment> id) {
  co_return read_one(co_await database_.query(find_sql, id));
}

Task<std::optional<Payment>> PaymentStore::find_by_gateway_id(std::string gateway_id) {
  co_return read_one(co_await database_.query(find_by_gateway_id_sql, gateway_id));
}

Task<std::optional<Payment>> PaymentStore::find_by_order(Id<Order> order) {
  co_return read_one(co_await database_.query(find_by_order_sql, order));
}

Task<std::vector<Payment>> PaymentStore::list(PaymentListRequest request) {
  auto const after = request.after ? request.after->uuid : last_uuid;
  auto const most = request.limit + 1;
  auto const& [owner, client, limit, cursor] = request;
  if (owner && client) {
    co_return read_all(co_await database_.query(list_owned_of_client_sql, after, most, *owner, *client));
  }
  if (owner) co_return read_all(co_await database_.query(list_owned_sql, after, most, *owner));
  if (client) co_return read_all(co_await database_.query(list_of_client_sql, after, most, *client));
  co_return read_all(co_await database_.query(list_sql, after, most));
}

Task<std::vector<Payment>> PaymentStore::made_between(Time from, Time until, std::optional<Id<Payment>> after,
                                                      std::size_t most) {
  auto const behind = after ? after->uuid : Uuid{};
  co_return read_all(co_await database_.query(made_between_sql, from, until, behind, most));
}

Task<std::vector<Attempt>> PaymentStore::attempts_of(Id<Payment> payment) {
  std::vector<Attempt> attempts;
  for (auto const& row : co_await database_.query(attempts_sql, payment)) {
    auto const outcome = row.get<std::optional<std::string>>(5);
    attempts.push_back({.id = row.get<Id<Attempt>>(0),
                        .kind = kind_words.read(row.get<std::string>(1)),
                        .parameters = object_in(row.get<std::string>(2)),
                        .tries = row.get<std::int64_t>(3),
                        .created_at = row.get<Time>(4),
                        .outcome = outcome ? std::optional(outcome_words.read(*outcome)) : std::nullopt,
                        .code = row.get<std::optional<std::string>>(6)});
  }
  co_return attempts;
}

db::Call PaymentStore::insert(Payment const& payment) {
  return db::call(insert_sql, payment.id, payment.owner, payment.client, payment.order, payment.amount,
                  payment.currency, to_string(payment.capture), payment.description, status_words.word(payment.status),
                  payment.method, payment.created_at);
}

db::Call PaymentStore::update(Payment const& payment) {
  return db::call(update_sql, payment.id, payment.version, status_words.word(payment.status), payment.gateway_id,
                  payment.method, text_of(payment.next_action), text_of(payment.decline), payment.amount_captured,
                  payment.check_at, payment.updated_at);
}

db::Call PaymentStore::add_refunded(Id<Payment> payment, std::int64_t amount, Time now) {
  return db::call(add_refunded_sql, payment, amount, now);
}

std::vector<db::Call> PaymentStore::remove(Id<Payment> payment) {
  return {db::call(remove_attempts_sql, payment), db::call(remove_sql, payment)};
}

db::Call PaymentStore::insert(Attempt const& attempt, Id<Payment> payment, Time retry_at) {
  return db::call(insert_attempt_sql, attempt.id, payment, to_string(attempt.kind), json::to_text(attempt.parameters),
                  retry_at, attempt.created_at);
}

db::Call PaymentStore::settle(Id<Attempt> attempt, Attempt::Outcome outcome, std::optional<std::string> const& code,
                              Time now) {
  return db::call(settle_sql, attempt, to_string(outcome), code, now);
}

Task<> PaymentStore::retry_at(Id<Attempt> attempt, Time when) { co_await database_.query(retry_at_sql, attempt, when); }

Task<> PaymentStore::apply(std::vector<db::Call> calls) { co_await database_.batch(std::move(calls)); }

}  // namespace balcao::payments

#include "payments/checkout/store.hpp"

#include "payments/payment/words.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

constexpr Words<Checkout::Status, 3> words{{"open", "complete", "expired"}};

#define SELECT_CHECKOUT                                                                                             \
  "SELECT id, payment_id, gateway_id, success_url, cancel_url, url, status, version, retry_at, tries, expires_at, " \
  "created_at FROM payments.checkouts "

constexpr Statement find_sql{"payments.find_checkout", SELECT_CHECKOUT "WHERE id = $1"};
constexpr Statement find_by_gateway_id_sql{"payments.find_checkout_by_gateway_id",
                                           SELECT_CHECKOUT "WHERE gateway_id = $1"};
constexpr Statement find_by_payment_sql{"payments.find_checkout_by_payment", SELECT_CHECKOUT "WHERE payment_id = $1"};

#undef SELECT_CHECKOUT

constexpr Statement insert_sql{"payments.insert_checkout", R"(
INSERT INTO payments.checkouts (id, payment_id, success_url, cancel_url, status, version, retry_at, tries, expires_at,
  created_at)
VALUES ($1, $2, $3, $4, $5, 1, $6, 0, $7, $8))"};

// Another version makes it NULL, which the column refuses: the whole batch fails.
constexpr Statement update_sql{"payments.update_checkout", R"(
UPDATE payments.checkouts SET version = CASE WHEN version = $2 THEN version + 1 END, gateway_id = $3, url = $4,
  status = $5, retry_at = $6 WHERE id = $1)"};

constexpr Statement remove_sql{"payments.remove_checkout",
                               R"(DELETE FROM payments.checkouts WHERE id = $1 AND gateway_id IS NULL)"};

std::optional<Checkout> read_one(db::Rows const& rows) {
  if (rows.empty()) return std::nullopt;
  auto const& row = rows.front();
  return Checkout{.id = row.get<Id<Checkout>>(0),
                  .payment = row.get<Id<Payment>>(1),
                  .gateway_id = row.get<std::optional<std::string>>(2),
                  .success_url = row.get<std::string>(3),
                  .cancel_url = row.get<std::string>(4),
                  .url = row.get<std::optional<std::string>>(5),
                  .status = words.read(row.get<std::string>(6)),
                  .version = row.get<std::int64_t>(7),
                  .retry_at = row.get<std::optional<Time>>(8),
                  .tries = row.get<std::int64_t>(9),
                  .expires_at = row.get<Time>(10),
                  .created_at = row.get<Time>(11)};
}

}  // namespace

std::string_view status_of(Checkout const& checkout) {
  return checkout.gateway_id || checkout.status != Checkout::Status::open ? words.word(checkout.status) : "unknown";
}

Task<std::optional<Checkout>> CheckoutStore::find(Id<Checkout> id) {
  co_return read_one(co_await database_.query(find_sql, id));
}

Task<std::optional<Checkout>> CheckoutStore::find_by_gateway_id(std::string gateway_id) {
  co_return read_one(co_await database_.query(find_by_gateway_id_sql, gateway_id));
}

Task<std::optional<Checkout>> CheckoutStore::find_by_payment(Id<Payment> payment) {
  co_return read_one(co_await database_.query(find_by_payment_sql, payment));
}

db::Call CheckoutStore::insert(Checkout const& checkout) {
  return db::call(insert_sql, checkout.id, checkout.payment, checkout.success_url, checkout.cancel_url,
                  words.word(checkout.status), checkout.retry_at, checkout.expires_at, checkout.created_at);
}

db::Call CheckoutStore::update(Checkout const& checkout) {
  return db::call(update_sql, checkout.id, checkout.version, checkout.gateway_id, checkout.url,
                  words.word(checkout.status), checkout.retry_at);
}

db::Call CheckoutStore::remove(Id<Checkout> checkout) { return db::call(remove_sql, checkout); }

}  // namespace balcao::payments

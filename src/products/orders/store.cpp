#include "products/orders/store.hpp"

#include <algorithm>
#include <iterator>

#include "platform/db/many_values.hpp"
#include "platform/json/describe.hpp"

namespace balcao::products::orders {

BOOST_DESCRIBE_STRUCT(Item, (), (product_id, name, unit_price, quantity, counted))
BOOST_DESCRIBE_STRUCT(Instruction, (), (pay_with, return_url))
BOOST_DESCRIBE_STRUCT(Fault, (), (code, decline_code, message, refused))

namespace {

using db::Statement;

#define SELECT_ORDER                                                                                                 \
  "SELECT id, owner_id, status, ending, currency, total, items, method_given, payment, payment_id, payment_status, " \
  "fault, refund_id, holds_stock, version, due_at, tries, expires_at, created_at, updated_at FROM products.orders "
#define NEWEST_FIRST "id < $1 ORDER BY id DESC LIMIT $2"

constexpr Statement find_sql{"products.find_order", SELECT_ORDER "WHERE id = $1"};
constexpr Statement list_sql{"products.list_orders", SELECT_ORDER "WHERE " NEWEST_FIRST};
constexpr Statement list_owned_sql{"products.list_owned_orders", SELECT_ORDER "WHERE owner_id = $3 AND " NEWEST_FIRST};
constexpr Statement list_in_status_sql{"products.list_orders_in_status",
                                       SELECT_ORDER "WHERE status = $3 AND " NEWEST_FIRST};
constexpr Statement list_owned_in_status_sql{"products.list_owned_orders_in_status",
                                             SELECT_ORDER "WHERE owner_id = $3 AND status = $4 AND " NEWEST_FIRST};

#undef NEWEST_FIRST
#undef SELECT_ORDER

constexpr Statement insert_sql{"products.insert_order", R"(
INSERT INTO products.orders (id, owner_id, status, currency, total, items, method_given, payment, holds_stock, version,
  due_at, tries, expires_at, created_at, updated_at, pieces)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, 0, $11, $12, $12, $13))"};

constexpr Statement unpaid_sql{"products.unpaid_of_buyer", R"(SELECT count(*), CAST(COALESCE(sum(pieces), 0) AS bigint),
  COALESCE((SELECT version FROM products.buyers WHERE owner_id = $1), 0)
FROM products.orders WHERE owner_id = $1 AND status IN ('pending', 'canceling'))"};

// Another version makes it NULL, which the column refuses: the whole batch fails.
constexpr Statement count_order_sql{"products.count_order", R"(
INSERT INTO products.buyers AS b (owner_id, version) VALUES ($1, 1)
ON CONFLICT (owner_id) DO UPDATE SET version = CASE WHEN b.version = $2 THEN b.version + 1 END)"};

// Another version makes it NULL, which the column refuses: the whole batch fails.
constexpr Statement update_sql{"products.update_order", R"(
UPDATE products.orders SET version = CASE WHEN version = $2 THEN version + 1 END, status = $3, ending = $4,
  payment = $5, payment_id = $6, payment_status = $7, fault = $8, refund_id = $9, holds_stock = $10, due_at = $11,
  tries = $12, updated_at = $13
WHERE id = $1)"};

// The same for a product that costs something else by now, or is not for sale any more.
constexpr Statement take_sql{"products.take_from_stock", R"(
UPDATE products.products SET stock = stock - $2, version = CASE
  WHEN price = $3 AND currency = $4 AND (stock IS NULL) = $5 AND active AND deleted_at IS NULL
  THEN version + CASE WHEN stock IS NULL THEN 0 ELSE 1 END END
WHERE id = $1)"};

constexpr Statement give_back_sql{"products.give_back_to_stock", R"(
UPDATE products.products SET stock = stock + $2, version = version + 1 WHERE id = $1 AND stock IS NOT NULL)"};

constexpr Statement put_off_sql{"products.put_off_order",
                                "UPDATE products.orders SET due_at = $3 WHERE id = $1 AND version = $2"};

db::ManyValues::Size for_sale_sql(std::size_t ids) {
  return {
      ids,
      "SELECT id, name, price, currency, stock FROM products.products WHERE deleted_at IS NULL AND active AND id IN (" +
          db::placeholders(ids) + ')'};
}

db::ManyValues const& for_sale_statement() {
  static db::ManyValues const statement("products.for_sale", {for_sale_sql(1), for_sale_sql(8), for_sale_sql(64)});
  return statement;
}

template <class T>
std::optional<std::string> text_of(std::optional<T> const& thing) {
  return thing ? std::optional(json::encode(*thing)) : std::nullopt;
}

template <class T>
T read_json(std::string const& text) {
  return json::decode<T>(json::parse(text).value()).value();
}

template <class T>
std::optional<T> read_json(std::optional<std::string> const& text) {
  return text ? std::optional(read_json<T>(*text)) : std::nullopt;
}

std::optional<std::string> word_of(std::optional<Order::Status> const& status) {
  return status ? std::optional(std::string(to_string(*status))) : std::nullopt;
}

Order read(db::Row const& row) {
  auto const ending = row.get<std::optional<std::string>>(3);
  return {.id = row.get<Id<Order>>(0),
          .owner = row.get<Id<Owner>>(1),
          .status = read_status(row.get<std::string>(2)),
          .ending = ending ? std::optional(read_status(*ending)) : std::nullopt,
          .currency = row.get<std::string>(4),
          .total = row.get<std::int64_t>(5),
          .items = read_json<std::vector<Item>>(row.get<std::string>(6)),
          .method_given = row.get<bool>(7),
          .payment = read_json<Instruction>(row.get<std::optional<std::string>>(8)),
          .payment_id = row.get<std::optional<Uuid>>(9),
          .payment_status = row.get<std::optional<std::string>>(10),
          .fault = read_json<Fault>(row.get<std::optional<std::string>>(11)),
          .refund_id = row.get<std::optional<Uuid>>(12),
          .holds_stock = row.get<bool>(13),
          .version = row.get<std::int64_t>(14),
          .due_at = row.get<std::optional<Time>>(15),
          .tries = row.get<std::int64_t>(16),
          .expires_at = row.get<Time>(17),
          .created_at = row.get<Time>(18),
          .updated_at = row.get<Time>(19)};
}

}  // namespace

Task<std::optional<Order>> OrderStore::find(Id<Order> id) {
  auto const rows = co_await database_.query(find_sql, id);
  co_return rows.empty() ? std::nullopt : std::optional(read(rows.front()));
}

Task<std::vector<Order>> OrderStore::list(ListRequest request) {
  auto const& [owner, status, limit, cursor] = request;
  auto const after = cursor ? cursor->uuid : last_uuid;
  auto const most = limit + 1;
  auto call = db::call(list_sql, after, most);
  if (owner && status) {
    call = db::call(list_owned_in_status_sql, after, most, *owner, to_string(*status));
  } else if (owner) {
    call = db::call(list_owned_sql, after, most, *owner);
  } else if (status) {
    call = db::call(list_in_status_sql, after, most, to_string(*status));
  }
  std::vector<Order> orders;
  for (auto const& row : co_await database_.query(std::move(call))) orders.push_back(read(row));
  co_return orders;
}

Task<Market> OrderStore::market(std::vector<Id<Product>> ids, std::vector<Id<Owner>> buyers) {
  std::vector<db::Call> calls;
  for (auto const buyer : buyers) calls.push_back(db::call(unpaid_sql, buyer));
  std::ranges::move(for_sale_statement().calls(ids), std::back_inserter(calls));
  auto const results = co_await database_.batch(std::move(calls));
  Market market;
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (auto const& row : results[i]) {
      if (i < buyers.size()) {
        market.buyers.emplace(buyers[i],
                              Unpaid{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2)});
        continue;
      }
      market.products.emplace(row.get<Id<Product>>(0),
                              ForSale{row.get<std::string>(1), row.get<std::int64_t>(2), row.get<std::string>(3),
                                      row.get<std::optional<std::int64_t>>(4)});
    }
  }
  co_return market;
}

std::int64_t OrderStore::pieces_of(Order const& order) {
  std::int64_t pieces = 0;
  for (auto const& item : order.items) pieces += item.counted ? item.quantity : 0;
  return pieces;
}

db::Call OrderStore::count_order(Id<Owner> buyer, Unpaid const& unpaid) {
  return db::call(count_order_sql, buyer, unpaid.version);
}

db::Call OrderStore::insert(Order const& order) {
  return db::call(insert_sql, order.id, order.owner, to_string(order.status), order.currency, order.total,
                  json::encode(order.items), order.method_given, text_of(order.payment), order.holds_stock,
                  order.due_at, order.expires_at, order.created_at, pieces_of(order));
}

db::Call OrderStore::update(Order const& order) {
  return db::call(update_sql, order.id, order.version, to_string(order.status), word_of(order.ending),
                  text_of(order.payment), order.payment_id, order.payment_status, text_of(order.fault), order.refund_id,
                  order.holds_stock, order.due_at, order.tries, order.updated_at);
}

db::Call OrderStore::take(Id<Product> product, std::int64_t quantity, ForSale const& as_read) {
  return db::call(take_sql, product, quantity, as_read.price, as_read.currency, !as_read.stock.has_value());
}

db::Call OrderStore::give_back(Item const& item) { return db::call(give_back_sql, item.product_id, item.quantity); }

Task<> OrderStore::put_off(Order order, std::optional<Time> when) {
  co_await database_.query(put_off_sql, order.id, order.version, when);
}

Task<> OrderStore::apply(std::vector<db::Call> calls) { co_await database_.batch(std::move(calls)); }

}  // namespace balcao::products::orders

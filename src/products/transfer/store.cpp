#include "products/transfer/store.hpp"

#include <algorithm>
#include <numeric>

#include "products/catalog/search_text.hpp"

namespace balcao::products {
namespace {

using db::Statement;

constexpr Statement insert_sql{"products.import", R"(
INSERT INTO products.products
  (id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at,
   search_text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10, $11) ON CONFLICT (id) DO NOTHING)"};

/// Of as many products as the arrays are long: PostgreSQL takes many rows of one statement faster than many statements.
constexpr Statement insert_many_sql{"products.import_many", R"(
INSERT INTO products.products
  (id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at,
   search_text)
SELECT id, $1::uuid, name, description, price, currency, stock, image_url, active, 1, $2::timestamptz, $2::timestamptz,
  search_text
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::text[], $10::boolean[],
  $11::text[])
  AS fresh (id, name, description, price, currency, stock, image_url, active, search_text)
ON CONFLICT (id) DO NOTHING)"};

/// What a product is found by follows from its name and description: where only one of them is known here and changes,
/// it is left to the service, which fills it in the background.
constexpr Statement change_sql{"products.import_change", R"(
UPDATE products.products SET
  name = COALESCE($2, name), description = COALESCE($3, description), price = COALESCE($4, price),
  currency = COALESCE($5, currency), stock = COALESCE($6, stock), image_url = COALESCE($7, image_url),
  active = COALESCE($8, active), version = version + 1, updated_at = $9,
  search_text = COALESCE($12, CASE WHEN COALESCE($2, name) = name AND COALESCE($3, description) = description
                                   THEN search_text END)
WHERE id = $1 AND deleted_at IS NULL AND ($10 OR owner_id = $11) RETURNING id)"};

constexpr Statement mark_sql{"products.import_mark", "INSERT INTO products.imports (id, stored_at) VALUES ($1, $2)"};
constexpr Statement marks_sql{"products.import_marks",
                              "SELECT count(*), CAST(max(stored_at) AS text) FROM products.imports"};
constexpr Statement forget_sql{"products.import_forget", "DELETE FROM products.imports WHERE stored_at < $1"};

constexpr Statement page_sql{"products.export", R"(SELECT
  id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at
FROM products.products WHERE deleted_at IS NULL AND id > $1 ORDER BY id LIMIT $2)"};

constexpr Statement page_of_owner_sql{"products.export_of_owner", R"(SELECT
  id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at
FROM products.products WHERE deleted_at IS NULL AND owner_id = $3 AND id > $1 ORDER BY id LIMIT $2)"};

/// The text of a PostgreSQL array.
class Array {
 public:
  void add(std::string_view plain) {
    separate();
    text_ += plain;
  }
  void add_text(std::string_view text) {
    separate();
    text_ += '"';
    for (char const c : text) {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }
  void add_number(std::optional<std::int64_t> const& number) {
    add(number ? std::string_view(std::to_string(*number)) : "NULL");
  }
  void add_text_or_null(std::optional<std::string> const& text) { text ? add_text(*text) : add("NULL"); }
  std::string str() && { return std::move(text_) + '}'; }

 private:
  void separate() {
    if (text_.size() > 1) text_ += ',';
  }
  std::string text_ = "{";
};

db::Call insert_many(std::vector<Product> const& products) {
  Array ids, names, descriptions, prices, currencies, stocks, images, actives, searches;
  for (auto const& product : products) {
    ids.add(product.id.str());
    names.add_text(product.name);
    descriptions.add_text(product.description);
    prices.add_number(product.price);
    currencies.add_text(product.currency);
    stocks.add_number(product.stock);
    images.add_text_or_null(product.image_url);
    actives.add(product.active ? "t" : "f");
    searches.add_text(search_text_of(product.name, product.description));
  }
  auto const& first = products.front();
  return db::call(insert_many_sql, first.owner, first.created_at, std::move(ids).str(), std::move(names).str(),
                  std::move(descriptions).str(), std::move(prices).str(), std::move(currencies).str(),
                  std::move(stocks).str(), std::move(images).str(), std::move(actives).str(),
                  std::move(searches).str());
}

db::Call insert(Product const& product) {
  return db::call(insert_sql, product.id, product.owner, product.name, product.description, product.price,
                  product.currency, product.stock, product.image_url, product.active, product.created_at,
                  search_text_of(product.name, product.description));
}

template <class Rule>
std::optional<std::string> text_of(std::optional<Rule> const& rule) {
  return rule ? std::optional<std::string>(rule->str()) : std::nullopt;
}

template <class Rule>
std::optional<std::int64_t> number_of(std::optional<Rule> const& rule) {
  return rule ? std::optional<std::int64_t>(rule->number()) : std::nullopt;
}

db::Call change(Change const& changed, Actor const& actor, Time now) {
  auto const& row = changed.row;
  std::optional<std::string> search;
  if (row.name && row.description) search = search_text_of(row.name->str(), row.description->str());
  return db::call(change_sql, changed.id, text_of(row.name), text_of(row.description), number_of(row.price),
                  text_of(row.currency), number_of(row.stock), text_of(row.image_url), row.active, now,
                  actor.administrator, actor.id, search);
}

Product read(db::Row const& row) {
  return {row.get<Id<Product>>(0),
          row.get<Id<Owner>>(1),
          row.get<std::string>(2),
          row.get<std::string>(3),
          row.get<std::int64_t>(4),
          row.get<std::string>(5),
          row.get<std::optional<std::int64_t>>(6),
          row.get<std::optional<std::string>>(7),
          row.get<bool>(8),
          row.get<std::int64_t>(9),
          row.get<Time>(10),
          row.get<Time>(11)};
}

}  // namespace

Task<std::vector<bool>> TransferStore::store(Batch batch) {
  std::vector<db::Call> calls;
  if (database_.engine() == "postgres") {
    if (!batch.fresh.empty()) calls.push_back(insert_many(batch.fresh));
  } else {
    for (auto const& product : batch.fresh) calls.push_back(insert(product));
  }
  // In the order of the ids, so that no two imports wait for each other; the changes of one product stay in theirs.
  std::vector<std::size_t> order(batch.changes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(batch.changes[i].id, i); });
  auto const first_change = calls.size();
  for (auto const i : order) calls.push_back(change(batch.changes[i], batch.actor, batch.now));
  if (batch.mark) calls.push_back(db::call(mark_sql, *batch.mark, batch.now));

  auto const results = co_await database_.batch(std::move(calls));
  std::vector<bool> was_there(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) was_there[order[i]] = !results[first_change + i].empty();
  co_return was_there;
}

Task<std::vector<Product>> TransferStore::page(std::optional<Id<Owner>> owner, std::optional<Id<Product>> after,
                                               std::size_t limit) {
  auto const from = after.value_or(Id<Product>{});
  auto const rows = owner ? co_await database_.query(page_of_owner_sql, from, limit, *owner)
                          : co_await database_.query(page_sql, from, limit);
  std::vector<Product> products;
  products.reserve(rows.size());
  for (auto const& row : rows) products.push_back(read(row));
  co_return products;
}

Task<std::string> TransferStore::last_mark() {
  auto const rows = co_await database_.query(marks_sql);
  co_return std::to_string(rows.front().get<std::int64_t>(0)) + ' ' +
      rows.front().get<std::optional<std::string>>(1).value_or("");
}

Task<> TransferStore::forget_marks(Time before) { co_await database_.query(forget_sql, before); }

}  // namespace balcao::products

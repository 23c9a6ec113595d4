#include "products/catalog/store.hpp"

#include "platform/db/many_values.hpp"
#include "products/catalog/row.hpp"
#include "products/catalog/search_text.hpp"

namespace balcao::products {
namespace {

using db::Statement;

constexpr Statement insert_sql{"products.insert", R"(
INSERT INTO products.products
  (id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at,
   search_text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12))"};

// Without $2 any version will do. Where a name or description is changed, $11 is what the product is found by then,
// which comes from both: what was read of them ($12, $13) must be so still.
constexpr Statement update_sql{"products.update", R"(
UPDATE products.products SET
  name = COALESCE($3, name), description = COALESCE($4, description), price = COALESCE($5, price),
  currency = COALESCE($6, currency), active = COALESCE($7, active),
  stock = CASE WHEN $8 THEN $9 ELSE stock END, image_url = CASE WHEN $10 THEN $14 ELSE image_url END,
  search_text = COALESCE($11, search_text), version = version + 1, updated_at = $15
WHERE id = $1 AND deleted_at IS NULL AND version = COALESCE($2, version)
  AND name = COALESCE($12, name) AND description = COALESCE($13, description)
RETURNING
  id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at)"};

constexpr Statement remove_sql{"products.remove", R"(
UPDATE products.products SET deleted_at = $3, version = version + 1
WHERE id = $1 AND deleted_at IS NULL AND version = COALESCE($2, version) RETURNING id)"};

db::ManyValues::Size find_sql(std::size_t ids) {
  return {ids, "SELECT " + std::string(product_columns) +
                   " FROM products.products WHERE deleted_at IS NULL AND id IN (" + db::placeholders(ids) + ')'};
}

db::ManyValues const& find_statement() {
  static db::ManyValues const statement("products.find", {find_sql(1), find_sql(8), find_sql(32)});
  return statement;
}

template <class Rule>
std::optional<std::string> text_of(std::optional<Rule> const& rule) {
  return rule ? std::optional<std::string>(rule->str()) : std::nullopt;
}

template <class Rule>
std::optional<std::int64_t> number_of(std::optional<Rule> const& rule) {
  return rule ? std::optional<std::int64_t>(rule->number()) : std::nullopt;
}

}  // namespace

Task<> Store::insert(Product product) {
  co_await database_.query(insert_sql, product.id, product.owner, product.name, product.description, product.price,
                           product.currency, product.stock, product.image_url, product.active, product.version,
                           product.created_at, search_text_of(product.name, product.description));
}

Store::Store(db::Database& database, std::size_t loops)
    : database_(database),
      words_(database),
      lists_(database),
      by_id_(loops, [this](std::vector<Id<Product>> ids) { return find_all(std::move(ids)); }) {}

Task<std::unordered_map<Id<Product>, Product>> Store::find_all(std::vector<Id<Product>> ids) {
  std::unordered_map<Id<Product>, Product> found;
  for (auto const& rows : co_await database_.batch(find_statement().calls(ids))) {
    for (auto const& row : rows) {
      auto product = read_product(row);
      found.try_emplace(product.id, std::move(product));
    }
  }
  co_return found;
}

Task<std::optional<Product>> Store::update(Product before, std::optional<std::int64_t> version, ProductChange change,
                                           Time now) {
  bool const renames = change.name || change.description;
  std::optional<std::string> search_text, name, description;
  if (renames) {
    name = before.name;
    description = before.description;
    search_text = search_text_of(change.name ? change.name->str() : before.name,
                                 change.description ? change.description->str() : before.description);
  }
  auto const rows = co_await database_.query(
      update_sql, before.id, version, text_of(change.name), text_of(change.description), number_of(change.price),
      text_of(change.currency), change.active, change.stock.has_value(), number_of(change.stock.value_or(std::nullopt)),
      change.image_url.has_value(), search_text, name, description, text_of(change.image_url.value_or(std::nullopt)),
      now);
  if (rows.empty()) co_return std::nullopt;
  co_return read_product(rows.front());
}

Task<bool> Store::remove(Id<Product> id, std::optional<std::int64_t> version, Time now) {
  co_return !(co_await database_.query(remove_sql, id, version, now)).empty();
}

}  // namespace balcao::products

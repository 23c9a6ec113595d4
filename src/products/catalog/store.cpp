#include "products/catalog/store.hpp"

#include <algorithm>
#include <span>

#include "products/catalog/search_text.hpp"

namespace balcao::products {
namespace {

using db::Statement;

constexpr Statement insert_sql{"products.insert", R"(
INSERT INTO products.products
  (id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at,
   search_text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12))"};

constexpr Statement update_sql{"products.update", R"(
UPDATE products.products SET
  name = COALESCE($3, name), description = COALESCE($4, description), price = COALESCE($5, price),
  currency = COALESCE($6, currency), stock = COALESCE($7, stock), image_url = COALESCE($8, image_url),
  active = COALESCE($9, active), version = version + 1, updated_at = $10
WHERE id = $1 AND version = $2 AND deleted_at IS NULL
RETURNING
  id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at)"};

constexpr Statement remove_sql{"products.remove", R"(
UPDATE products.products SET deleted_at = $3, version = version + 1
WHERE id = $1 AND version = $2 AND deleted_at IS NULL RETURNING id)"};

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

/// Finds up to a number of products. Fewer fill it by naming one again, so that there are few statements to prepare.
class FindStatement {
 public:
  explicit FindStatement(std::size_t size) : size_(size), sql_(text(size)), statement_{"products.find", sql_} {}
  FindStatement(FindStatement const&) = delete;

  std::size_t size() const { return size_; }
  db::Call call(std::span<Id<Product> const> ids) const {
    std::vector<db::Value> params(size_, db::to_value(ids.front()));
    std::ranges::transform(ids, params.begin(), [](Id<Product> id) { return db::to_value(id); });
    return {&statement_, std::move(params)};
  }

 private:
  static std::string text(std::size_t size) {
    std::string sql = R"(SELECT
  id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at
FROM products.products WHERE deleted_at IS NULL AND id IN ($1)";
    for (std::size_t i = 2; i <= size; ++i) sql += ", $" + std::to_string(i);
    return sql + ')';
  }

  std::size_t const size_;
  std::string const sql_;
  Statement const statement_;
};

FindStatement const& find_statement(std::size_t ids) {
  static FindStatement const one(1), some(8), many(32);
  return ids <= one.size() ? one : ids <= some.size() ? some : many;
}

template <class Rule>
std::optional<std::string> text_of(std::optional<Rule> const& rule) {
  return rule ? std::optional<std::string>(rule->str()) : std::nullopt;
}

template <class Rule>
std::optional<std::int64_t> number_of(std::optional<Rule> const& rule) {
  return rule ? std::optional<std::int64_t>(rule->number()) : std::nullopt;
}

struct OrderBy {
  std::string_view column;  ///< before the id; none when by age, since ids sort by it
  bool descending;
};

OrderBy order_by(Order order) {
  switch (order) {
    case Order::newest:
      return {"", true};
    case Order::oldest:
      return {"", false};
    case Order::cheapest:
      return {"price", false};
    case Order::dearest:
      return {"price", true};
    case Order::name_up:
      return {"name", false};
    case Order::name_down:
      return {"name", true};
  }
  return {"", true};
}

/// The pattern for LIKE … ESCAPE '\' that finds `text` anywhere.
std::string pattern_for(std::string_view text) {
  std::string pattern = "%";
  for (char const c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return pattern + '%';
}

/// Writes a list's text and numbers its parameters in the order in which `list_parameters` gives them.
std::string list_sql(ListRequest const& request) {
  std::string sql = R"(SELECT
  id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at
FROM products.products WHERE deleted_at IS NULL AND active)";
  int parameter = 0;
  auto const next = [&parameter] { return '$' + std::to_string(++parameter); };
  if (request.text) sql += " AND lower(name) LIKE " + next() + R"( ESCAPE '\')";
  if (request.min_price) sql += " AND price >= " + next();
  if (request.max_price) sql += " AND price <= " + next();
  if (request.currency) sql += " AND currency = " + next();
  if (request.owner) sql += " AND owner_id = " + next();

  auto const [column, descending] = order_by(request.order);
  std::string const direction = descending ? " DESC" : "";
  if (request.after) {
    auto const beyond = descending ? " < " : " > ";
    sql += column.empty() ? " AND id" + std::string(beyond) + next()
                          : " AND (" + std::string(column) + ", id)" + beyond + '(' + next() + ", " + next() + ')';
  }
  sql += " ORDER BY " + (column.empty() ? "" : std::string(column) + direction + ", ") + "id" + direction;
  return sql + " LIMIT " + next();
}

std::vector<db::Value> list_parameters(ListRequest const& request) {
  std::vector<db::Value> parameters;
  auto const add = [&parameters](auto const& value) { parameters.push_back(db::to_value(value)); };
  if (request.text) add(pattern_for(*request.text));
  if (request.min_price) add(*request.min_price);
  if (request.max_price) add(*request.max_price);
  if (request.currency) add(*request.currency);
  if (request.owner) add(*request.owner);
  if (request.after) {
    if (auto const* price = std::get_if<std::int64_t>(&request.after->key)) add(*price);
    if (auto const* name = std::get_if<std::string>(&request.after->key)) add(*name);
    add(request.after->id);
  }
  add(request.limit + 1);
  return parameters;
}

}  // namespace

Task<> Store::insert(Product product) {
  co_await database_.query(insert_sql, product.id, product.owner, product.name, product.description, product.price,
                           product.currency, product.stock, product.image_url, product.active, product.version,
                           product.created_at, search_text_of(product.name, product.description));
}

Store::Store(db::Database& database, std::size_t loops)
    : database_(database), by_id_(loops, [this](std::vector<Id<Product>> ids) { return find_all(std::move(ids)); }) {}

Task<std::unordered_map<Id<Product>, Product>> Store::find_all(std::vector<Id<Product>> ids) {
  std::vector<db::Call> calls;
  for (std::span<Id<Product> const> rest = ids; !rest.empty();) {
    auto const& statement = find_statement(rest.size());
    auto const some = rest.first(std::min(rest.size(), statement.size()));
    calls.push_back(statement.call(some));
    rest = rest.subspan(some.size());
  }
  std::unordered_map<Id<Product>, Product> found;
  for (auto const& rows : co_await database_.batch(std::move(calls))) {
    for (auto const& row : rows) {
      auto product = read(row);
      found.try_emplace(product.id, std::move(product));
    }
  }
  co_return found;
}

Task<std::optional<Product>> Store::update(Id<Product> id, std::int64_t version, ProductChange change, Time now) {
  auto const rows = co_await database_.query(update_sql, id, version, text_of(change.name), text_of(change.description),
                                             number_of(change.price), text_of(change.currency), number_of(change.stock),
                                             text_of(change.image_url), change.active, now);
  if (rows.empty()) co_return std::nullopt;
  co_return read(rows.front());
}

Task<bool> Store::remove(Id<Product> id, std::int64_t version, Time now) {
  co_return !(co_await database_.query(remove_sql, id, version, now)).empty();
}

db::Statement const& Store::list_statement(ListRequest const& request) {
  ListShape const shape{request.order,
                        request.after.has_value(),
                        request.text.has_value(),
                        request.min_price.has_value(),
                        request.max_price.has_value(),
                        request.currency.has_value(),
                        request.owner.has_value()};
  std::lock_guard const lock(mutex_);
  auto const [position, is_new] = list_statements_.try_emplace(shape);
  if (is_new) {
    position->second.sql = list_sql(request);
    position->second.statement = {"products.list", position->second.sql};
  }
  return position->second.statement;
}

Task<std::vector<Product>> Store::list(ListRequest request) {
  auto const rows = co_await database_.query({&list_statement(request), list_parameters(request)});
  std::vector<Product> products;
  products.reserve(rows.size());
  for (auto const& row : rows) products.push_back(read(row));
  co_return products;
}

}  // namespace balcao::products

#include "products/transfer/store.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <unordered_set>

#include "platform/db/owned_statement.hpp"
#include "platform/json/codec.hpp"
#include "products/catalog/row.hpp"
#include "products/catalog/search_text.hpp"

namespace balcao::products {
namespace {

using db::Statement;

/// Rows as a parameter of one statement, which either engine takes many times faster than as many statements: an array
/// for each column in PostgreSQL, one JSON text in SQLite.
class Given {
 public:
  struct Column {
    std::string_view name;
    std::string_view type;  ///< PostgreSQL's
  };

  Given(std::string_view engine, std::span<Column const> columns)
      : is_json_(engine != "postgres"), columns_(columns.size()), texts_(is_json_ ? 1 : columns.size()) {}

  /// What stands for the rows in a statement, named `given`; its parameters are numbered from `first` on.
  static std::string text(std::string_view engine, std::span<Column const> columns, int first) {
    std::string parameters, names, members;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::string const comma = i == 0 ? "" : ", ";
      auto const number = std::to_string(static_cast<std::size_t>(first) + i);
      parameters += comma + '$' + number + "::" + std::string(columns[i].type) + "[]";
      names += comma + std::string(columns[i].name);
      members += comma + "value ->> " + std::to_string(i) + " AS " + std::string(columns[i].name);
    }
    if (engine == "postgres") return "unnest(" + parameters + ") AS given (" + names + ")";
    return "(SELECT " + members + " FROM json_each($" + std::to_string(first) + ")) AS given";
  }

  void add(std::string_view text) { is_json_ ? json::encode_string(text, next()) : quote(text, next()); }
  void add(std::string const& text) { add(std::string_view(text)); }
  void add(std::int64_t number) { next() += std::to_string(number); }
  void add(bool truth) { next() += truth ? "true" : "false"; }
  template <class T>
  void add(std::optional<T> const& value) {
    if (value) return add(*value);
    next() += is_json_ ? "null" : "NULL";
  }
  /// The parameters.
  std::vector<db::Value> take() && {
    std::vector<db::Value> values;
    for (auto& text : texts_) values.emplace_back(finish(std::move(text)));
    return values;
  }

 private:
  /// The text that the next cell goes to, up to where it begins.
  std::string& next() {
    auto const column = cells_++ % columns_;
    auto& text = texts_[is_json_ ? 0 : column];
    if (!is_json_) {
      text += text.empty() ? '{' : ',';
    } else {
      text += column > 0 ? "," : text.empty() ? "[[" : "],[";
    }
    return text;
  }

  std::string finish(std::string text) const {
    if (!is_json_) return text + '}';
    return text + "]]";
  }

  static void quote(std::string_view text, std::string& out) {
    out += '"';
    for (char const c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }

  bool const is_json_;
  std::size_t const columns_;
  std::size_t cells_ = 0;
  std::vector<std::string> texts_;
};

constexpr std::array<Given::Column, 9> columns{{{"product_id", "uuid"},
                                                {"name", "text"},
                                                {"description", "text"},
                                                {"price", "bigint"},
                                                {"currency", "text"},
                                                {"stock", "bigint"},
                                                {"image_url", "text"},
                                                {"active", "boolean"},
                                                {"search_text", "text"}}};

std::string insert_text(std::string_view engine) {
  return R"(
INSERT INTO products.products
  (id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at,
   search_text)
SELECT product_id, $1, name, description, price, currency, stock, image_url, active, 1, $2, $2, search_text
FROM )" + Given::text(engine, columns, 3) +
         " WHERE true ON CONFLICT (id) DO NOTHING";
}

/// What a product is found by follows from its name and description: where only one of them is given and changes, it is
/// left to the service, which fills it in the background.
std::string change_text(std::string_view engine) {
  return R"(
UPDATE products.products AS p SET
  name = COALESCE(given.name, p.name), description = COALESCE(given.description, p.description),
  price = COALESCE(given.price, p.price), currency = COALESCE(given.currency, p.currency),
  stock = COALESCE(given.stock, p.stock), image_url = COALESCE(given.image_url, p.image_url),
  active = COALESCE(given.active, p.active), version = p.version + 1, updated_at = $3,
  search_text = COALESCE(given.search_text, CASE WHEN COALESCE(given.name, p.name) = p.name
    AND COALESCE(given.description, p.description) = p.description THEN p.search_text END)
FROM )" + Given::text(engine, columns, 4) +
         " WHERE p.id = given.product_id AND p.deleted_at IS NULL AND ($1 OR p.owner_id = $2) RETURNING id";
}

template <auto text>
Statement const& statement_for(std::string_view engine, std::string_view name) {
  static db::OwnedStatement const sqlite(name, text("sqlite")), postgres(name, text("postgres"));
  return (engine == "postgres" ? postgres : sqlite).statement;
}

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

db::Call with(Statement const& statement, std::vector<db::Value> parameters, Given given) {
  std::ranges::move(std::move(given).take(), std::back_inserter(parameters));
  return {&statement, std::move(parameters)};
}

db::Call insert(std::string_view engine, std::vector<Product> const& products) {
  Given given(engine, columns);
  for (auto const& product : products) {
    given.add(product.id.str());
    given.add(product.name);
    given.add(product.description);
    given.add(product.price);
    given.add(product.currency);
    given.add(product.stock);
    given.add(product.image_url);
    given.add(product.active);
    given.add(search_text_of(product.name, product.description));
  }
  auto const& first = products.front();
  return with(statement_for<insert_text>(engine, "products.import"),
              {db::to_value(first.owner), db::to_value(first.created_at)}, std::move(given));
}

template <class Rule>
std::optional<std::string> text_of(std::optional<Rule> const& rule) {
  return rule ? std::optional<std::string>(rule->str()) : std::nullopt;
}

template <class Rule>
std::optional<std::int64_t> number_of(std::optional<Rule> const& rule) {
  return rule ? std::optional<std::int64_t>(rule->number()) : std::nullopt;
}

db::Call change(std::string_view engine, std::vector<Change> const& changes, Actor const& actor, Time now) {
  Given given(engine, columns);
  for (auto const& [id, row] : changes) {
    std::optional<std::string> search;
    if (row.name && row.description) search = search_text_of(row.name->str(), row.description->str());
    given.add(id.str());
    given.add(text_of(row.name));
    given.add(text_of(row.description));
    given.add(number_of(row.price));
    given.add(text_of(row.currency));
    given.add(number_of(row.stock));
    given.add(text_of(row.image_url));
    given.add(row.active);
    given.add(search);
  }
  return with(statement_for<change_text>(engine, "products.import_change"),
              {db::to_value(actor.administrator), db::to_value(actor.id), db::to_value(now)}, std::move(given));
}

}  // namespace

Task<std::vector<bool>> TransferStore::store(Batch batch) {
  auto const engine = database_.engine();
  std::vector<db::Call> calls;
  if (!batch.fresh.empty()) calls.push_back(insert(engine, batch.fresh));
  auto const changed_by = calls.size();
  if (!batch.changes.empty()) calls.push_back(change(engine, batch.changes, batch.actor, batch.now));
  if (batch.mark) calls.push_back(db::call(mark_sql, *batch.mark, batch.now));

  auto const results = co_await database_.batch(std::move(calls));
  std::unordered_set<Id<Product>> changed;
  if (!batch.changes.empty()) {
    for (auto const& row : results[changed_by]) changed.insert(row.get<Id<Product>>(0));
  }
  std::vector<bool> was_there;
  for (auto const& each : batch.changes) was_there.push_back(changed.contains(each.id));
  co_return was_there;
}

Task<std::vector<Product>> TransferStore::page(std::optional<Id<Owner>> owner, std::optional<Id<Product>> after,
                                               std::size_t limit) {
  auto const from = after.value_or(Id<Product>{});
  auto const rows = owner ? co_await database_.query(page_of_owner_sql, from, limit, *owner)
                          : co_await database_.query(page_sql, from, limit);
  std::vector<Product> products;
  products.reserve(rows.size());
  for (auto const& row : rows) products.push_back(read_product(row));
  co_return products;
}

Task<std::string> TransferStore::last_mark() {
  auto const rows = co_await database_.query(marks_sql);
  co_return std::to_string(rows.front().get<std::int64_t>(0)) + ' ' +
      rows.front().get<std::optional<std::string>>(1).value_or("");
}

Task<> TransferStore::forget_marks(Time before) { co_await database_.query(forget_sql, before); }

}  // namespace balcao::products

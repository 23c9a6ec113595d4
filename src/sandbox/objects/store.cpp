#include "sandbox/objects/store.hpp"

#include <array>

#include "platform/json/parse.hpp"

namespace balcao::sandbox::objects {
namespace {

constexpr db::Statement find_object{"sandbox_find_object",
                                    "SELECT created_at, version, resource FROM sandbox.objects WHERE id = $1"};

constexpr db::Statement insert_object{
    "sandbox_insert_object",
    "INSERT INTO sandbox.objects (id, version, resource, customer, payment_intent, source, type, currency, net, kind, "
    "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};

// Another version makes it NULL, which the column refuses: the whole batch fails, the answer that it would keep
// included.
constexpr db::Statement update_object{
    "sandbox_update_object",
    "UPDATE sandbox.objects SET version = CASE WHEN version = $2 THEN version + 1 END, resource = $3, customer = $4, "
    "payment_intent = $5, source = $6, type = $7, currency = $8, net = $9 WHERE id = $1"};

constexpr db::Statement sum_holdings{
    "sandbox_sum_holdings",
    "SELECT currency, CAST(SUM(net) AS bigint) FROM sandbox.objects WHERE kind = $1 GROUP BY currency "
    "ORDER BY currency"};

constexpr std::array<std::string_view, 3> leading_columns{"customer", "payment_intent", "source"};

/// The statements of lists: one for each direction and each choice among the columns that have an index of their own.
class ListStatements {
 public:
  ListStatements() {
    for (std::size_t columns = 0; columns < choices; ++columns) {
      for (bool const older : {true, false}) {
        auto& text = texts_.at(place(columns, older));
        text = write(columns, older);
        auto& name = names_.at(place(columns, older));
        name = (older ? "sandbox_older_objects_" : "sandbox_newer_objects_") + std::to_string(columns);
        statements_.at(place(columns, older)) = {name, text};
      }
    }
  }

  db::Statement const& choose(std::size_t columns, bool older) const { return statements_.at(place(columns, older)); }

 private:
  static constexpr std::size_t choices = std::size_t{1} << leading_columns.size();

  static std::size_t place(std::size_t columns, bool older) { return columns * 2 + (older ? 1 : 0); }

  static std::string write(std::size_t columns, bool older) {
    std::string text =
        "SELECT created_at, version, resource FROM sandbox.objects "
        "WHERE kind = $1 AND created_at >= $2 AND created_at < $3 "
        "AND (CAST($7 AS text) IS NULL OR type = $7) AND (CAST($8 AS text) IS NULL OR currency = $8)";
    int parameter = 9;
    for (std::size_t i = 0; i < leading_columns.size(); ++i) {
      if ((columns >> i & 1U) == 0) continue;
      text.append(" AND ").append(leading_columns.at(i)).append(" = $").append(std::to_string(parameter++));
    }
    text += older ? " AND (created_at, id) < ($4, $5) ORDER BY created_at DESC, id DESC LIMIT $6"
                  : " AND (created_at, id) > ($4, $5) ORDER BY created_at, id LIMIT $6";
    return text;
  }

  std::array<std::string, choices * 2> texts_;
  std::array<std::string, choices * 2> names_;
  std::array<db::Statement, choices * 2> statements_{};
};

db::Call list_call(Filter const& filter, Position const& place, std::size_t count, bool older) {
  static ListStatements const statements;
  auto const& [from, until] = filter.created;
  std::size_t columns = 0;
  std::vector<db::Value> leading;
  std::size_t bit = 1;
  for (auto const* value : {&filter.customer, &filter.payment_intent, &filter.source}) {
    if (*value) {
      columns |= bit;
      leading.push_back(db::to_value(**value));
    }
    bit <<= 1U;
  }
  auto call = db::call(statements.choose(columns, older), filter.kind, from, until, place.created_at, place.id, count,
                       filter.type, filter.currency);
  std::ranges::move(leading, std::back_inserter(call.params));
  return call;
}

Object read(db::Row const& row) {
  return {row.get<Time>(0), row.get<std::int64_t>(1), json::parse(row.get<std::string>(2)).value().as_object()};
}

std::vector<Object> read(db::Rows const& rows) {
  std::vector<Object> objects;
  for (auto const& row : rows) objects.push_back(read(row));
  return objects;
}

std::optional<std::string> column(Object const& object, std::string_view member) {
  auto text = object.text(member);
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

/// The parameters that a new and a changed object have in common.
db::Call write_call(db::Statement const& statement, Object const& object) {
  auto const* net = object.resource.if_contains("net");
  return db::call(statement, object.id(), object.version, json::to_text(object.resource), column(object, "customer"),
                  column(object, "payment_intent"),
                  column(object, object.resource.contains("source") ? "source" : "charge"), column(object, "type"),
                  column(object, "currency"), net ? std::optional(net->as_int64()) : std::nullopt);
}

}  // namespace

Task<std::optional<Object>> Store::find(std::string id) {
  auto const rows = co_await database_.query(find_object, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read(rows.front());
}

Task<std::optional<Object>> Store::find(std::string kind, std::string id) {
  auto object = co_await find(std::move(id));
  if (object && object->kind() != kind) object.reset();
  co_return object;
}

Task<std::vector<Object>> Store::older(Filter filter, Position place, std::size_t count) {
  co_return read(co_await database_.query(list_call(filter, place, count, true)));
}

Task<std::vector<Object>> Store::newer(Filter filter, Position place, std::size_t count) {
  co_return read(co_await database_.query(list_call(filter, place, count, false)));
}

Task<std::vector<Holding>> Store::holdings() {
  std::vector<Holding> holdings;
  for (auto const& row : co_await database_.query(sum_holdings, "balance_transaction")) {
    holdings.push_back({row.get<std::string>(0), row.get<std::int64_t>(1)});
  }
  co_return holdings;
}

db::Call Store::insert(Object const& object) {
  auto call = write_call(insert_object, object);
  call.params.push_back(db::to_value(object.kind()));
  call.params.push_back(db::to_value(object.created_at));
  return call;
}

db::Call Store::update(Object const& object) { return write_call(update_object, object); }

}  // namespace balcao::sandbox::objects

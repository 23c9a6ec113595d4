#include "products/catalog/list_sql.hpp"

#include <algorithm>
#include <array>

#include "products/catalog/row.hpp"

namespace balcao::products {
namespace {

constexpr std::string_view for_sale = "deleted_at IS NULL AND active";
/// How many products of a word one page looks at.
constexpr std::string_view most_looked_at = "2000";

std::string_view column_of(Order order) {
  switch (order) {
    case Order::cheapest:
    case Order::dearest:
      return "price";
    case Order::name_up:
    case Order::name_down:
      return "name";
    case Order::newest:
    case Order::oldest:
      break;
  }
  return "";  // ids sort by age
}

bool is_descending(Order order) {
  return order == Order::newest || order == Order::dearest || order == Order::name_down;
}

/// The smallest of a few sizes that is large enough: what fills the rest repeats, so that there are few statements.
template <std::size_t Count>
std::size_t rounded_up(std::size_t size, std::array<std::size_t, Count> const& sizes) {
  return *std::ranges::find_if(sizes, [size](std::size_t larger) { return size <= larger; });
}

template <class T>
T const& at_or_last(std::vector<T> const& values, std::size_t i) {
  return values[std::min(i, values.size() - 1)];
}

/// Writes a condition on a column so that an index on it is used only where `by_index`: which way is short has been
/// found out, and the engine would guess.
ListSql& column(ListSql& sql, std::string_view name, bool by_index) {
  return by_index ? sql << name : sql << "COALESCE(" << name << ", " << name << ")";
}

void write_conditions(ListSql& sql, Listing const& listing) {
  auto const& request = listing.request;
  bool const by_age = listing.way == Way::order && is_by_age(request.order);
  bool const by_price = listing.way == Way::order && column_of(request.order) == "price";
  if (request.owner) column(sql << " AND ", "owner_id", by_age) << " = ", sql.with(*request.owner);
  if (request.currency) column(sql << " AND ", "currency", by_price) << " = ", sql.with(*request.currency);
  if (request.min_price || request.max_price) {
    column(sql << " AND ", "price", by_price) << " BETWEEN ";
    sql.with(request.min_price.value_or(0)) << " AND ";
    sql.with(request.max_price.value_or(highest_price));
  }
}

/// A product has a term where one of its patterns fits.
void write_terms(ListSql& sql, Listing const& listing) {
  static constexpr std::array<std::size_t, 5> numbers{0, 1, 2, 4, 8};
  auto const& terms = listing.terms;
  std::size_t const begin = listing.way == Way::words ? 1 : 0;
  if (terms.size() <= begin) return;
  bool const is_plain = std::ranges::all_of(terms, [](Term const& term) { return term.patterns.size() == 1; });
  for (std::size_t i = 0; i < rounded_up(terms.size() - begin, numbers); ++i) {
    auto const& patterns = at_or_last(terms, begin + i).patterns;
    sql << " AND (";
    for (std::size_t j = 0; j < (is_plain ? 1U : most_alternatives); ++j) {
      sql << (j == 0 ? "" : " OR ") << "(' ' || search_text || ' ') LIKE ";
      sql.with(at_or_last(patterns, j));
    }
    sql << ")";
  }
}

void write_cursor(ListSql& sql, ListRequest const& request, std::string_view id) {
  if (!request.after) return;
  auto const beyond = is_descending(request.order) ? " < " : " > ";
  auto const key = column_of(request.order);
  if (key.empty()) {
    sql << " AND " << id << beyond, sql.with(request.after->id);
    return;
  }
  sql << " AND (" << key << ", id)" << beyond << "(";
  if (auto const* price = std::get_if<std::int64_t>(&request.after->key)) sql.with(*price);
  if (auto const* name = std::get_if<std::string>(&request.after->key)) sql.with(*name);
  sql << ", ", sql.with(request.after->id) << ")";
}

std::string order_by(Order order, std::string_view id) {
  std::string const direction = is_descending(order) ? " DESC" : "";
  auto const key = column_of(order);
  return " ORDER BY " + (key.empty() ? "" : std::string(key) + direction + ", ") + std::string(id) + direction;
}

/// The ids of the products that have one of the first term's words, in the list's order where that is by age.
void write_products_of_words(ListSql& sql, Listing const& listing) {
  static constexpr std::array<std::size_t, 5> numbers{1, 4, 8, 16, 32};
  auto const& request = listing.request;
  auto const& words = listing.terms.front().words;
  bool const by_age = is_by_age(request.order);
  auto const direction = is_descending(request.order) && by_age ? " DESC" : "";
  // Those that have the word are the answer then: as many as fill a page, in numbers that the planner can see.
  bool const are_the_answer = has_words_alone(request) && listing.terms.size() == 1 && by_age;
  auto const limit = !are_the_answer ? most_looked_at : request.limit <= 20 ? "21" : "101";

  auto const arms = rounded_up(words.size(), numbers);
  if (arms > 1) sql << "SELECT product_id FROM (";
  for (std::size_t i = 0; i < arms; ++i) {
    sql << (i == 0 ? "" : " UNION ALL ") << (arms > 1 ? "SELECT product_id FROM (" : "");
    sql << "SELECT product_id FROM products.search_words WHERE word = ", sql.with(at_or_last(words, i));
    if (by_age) write_cursor(sql, request, "product_id");
    sql << " ORDER BY product_id" << direction << " LIMIT " << limit;
    if (arms > 1) sql << ") AS arm_" << std::to_string(i);
  }
  if (arms > 1) {
    sql << ") AS arms GROUP BY product_id ORDER BY product_id" << direction << " LIMIT " << limit;
  }
}

/// The products that one of the conditions holds for, which are few. A range, and its own order: no engine takes
/// another way then.
void write_few(ListSql& sql, ListRequest const& request, Way way) {
  auto const key = way == Way::owner ? "owner_id" : way == Way::currency ? "currency" : "price";
  sql << " FROM products.products WHERE " << for_sale << " AND " << key << " BETWEEN ";
  if (way == Way::owner) {
    sql.with(*request.owner) << " AND ", sql.with(*request.owner);
  } else if (way == Way::currency) {
    sql.with(*request.currency) << " AND ", sql.with(*request.currency);
  } else {
    sql.with(request.min_price.value_or(0)) << " AND ", sql.with(request.max_price.value_or(highest_price));
  }
  sql << " ORDER BY " << key << (way == Way::currency ? ", price" : "") << ", id LIMIT ";
  sql << std::to_string(few_products(request.order) + 1);
}

}  // namespace

bool is_by_age(Order order) { return column_of(order).empty(); }

bool has_words_alone(ListRequest const& request) {
  return !request.owner && !request.currency && !request.min_price && !request.max_price;
}

ListSql list_sql(Listing const& listing) {
  auto const& request = listing.request;
  ListSql sql;
  sql << "SELECT " << product_columns << " FROM ";
  if (listing.way == Way::words) {
    sql << "(", write_products_of_words(sql, listing);
    sql << ") AS found JOIN products.products ON id = product_id";
  } else if (listing.way == Way::order) {
    sql << "products.products";
  } else {
    sql << "(SELECT *", write_few(sql, request, listing.way);
    sql << ") AS few";
  }
  sql << " WHERE " << for_sale;
  write_conditions(sql, listing);
  write_terms(sql, listing);
  bool const is_past_cursor = listing.way == Way::words && is_by_age(request.order);
  if (!is_past_cursor) write_cursor(sql, request, "id");
  sql << order_by(request.order, "id") << " LIMIT ", sql.with(request.limit + 1);
  return sql;
}

ListSql count_sql(ListRequest const& request, Way way) {
  ListSql sql;
  sql << "SELECT count(*) FROM (SELECT 1 AS one", write_few(sql, request, way);
  sql << ") AS counted";
  return sql;
}

ListSql stop_sql(Listing const& listing) {
  ListSql sql;
  sql << "SELECT product_id FROM (", write_products_of_words(sql, listing);
  sql << ") AS found ORDER BY product_id" << (is_descending(listing.request.order) ? " DESC" : "");
  sql << " LIMIT 1 OFFSET " << most_looked_at << " - 1";
  return sql;
}

}  // namespace balcao::products

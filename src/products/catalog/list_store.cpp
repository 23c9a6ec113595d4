#include "products/catalog/list_store.hpp"

#include <algorithm>

#include "products/catalog/row.hpp"

namespace balcao::products {
namespace {

/// The conditions of a list, apart from its words.
std::vector<Way> conditions_of(ListRequest const& request) {
  std::vector<Way> ways;
  if (request.owner) ways.push_back(Way::owner);
  if (request.currency) ways.push_back(Way::currency);
  if (request.min_price || request.max_price) ways.push_back(Way::price);
  return ways;
}

/// Whether one index has the conditions and the order.
bool has_index(std::vector<Way> const& conditions, Order order) {
  bool const by_price = order == Order::cheapest || order == Order::dearest;
  return std::ranges::all_of(conditions, [&](Way condition) {
    return condition == Way::owner ? is_by_age(order) && conditions.size() == 1 : by_price;
  });
}

/// The statements of calls that are not answered yet.
using Statements = std::deque<db::OwnedStatement>;

db::Call call_of(ListSql sql, Statements& statements) {
  auto const& owned = statements.emplace_back("products.list", sql.text());
  return {&owned.statement, sql.take_parameters()};
}

}  // namespace

Task<Way> ListStore::shortest_way(ListRequest const& request, std::vector<Term> const& terms) {
  auto way = !terms.empty() && is_by_age(request.order) ? Way::words : Way::order;
  auto const conditions = conditions_of(request);
  bool const is_clear = terms.empty() ? has_index(conditions, request.order) : conditions.empty() && way == Way::words;
  if (is_clear) co_return way;

  auto fewest = few_products(request.order) + 1;
  if (!terms.empty() && terms.front().products < fewest) {
    fewest = terms.front().products;
    way = Way::words;
  }
  Statements statements;
  std::vector<db::Call> calls;
  for (auto const condition : conditions) calls.push_back(call_of(count_sql(request, condition), statements));
  if (calls.empty()) co_return way;
  auto const counts = co_await database_.batch(std::move(calls));
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    auto const products = counts[i].front().get<std::int64_t>(0);
    if (products >= fewest) continue;
    fewest = products;
    way = conditions[i];
  }
  co_return way;
}

Task<ListStore::Found> ListStore::list(ListRequest request, std::vector<Term> terms) {
  std::ranges::sort(terms, {}, &Term::products);
  Listing const listing{request, terms, co_await shortest_way(request, terms)};
  Statements statements;
  Found found;
  for (auto const& row : co_await database_.query(call_of(list_sql(listing), statements))) {
    found.products.push_back(read_product(row));
  }
  bool const is_full = found.products.size() > static_cast<std::size_t>(request.limit);
  bool const may_have_stopped = listing.way == Way::words && is_by_age(request.order) && !is_full &&
                                !(terms.size() == 1 && has_words_alone(request));
  if (may_have_stopped) {
    auto const stop = co_await database_.query(call_of(stop_sql(listing), statements));
    if (!stop.empty()) found.stopped_at = Position{{}, stop.front().get<Id<Product>>(0)};
  }
  co_return found;
}

}  // namespace balcao::products

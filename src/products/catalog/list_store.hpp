#pragma once

#include <deque>

#include "platform/db/owned_statement.hpp"
#include "products/catalog/list_sql.hpp"

namespace balcao::products {

/// The lists of products, in the database. Fails as db::Database does.
///
/// None of them costs what the table is long: where one of the conditions holds for a few products only, these are
/// taken and sorted; where each holds for more, the order is followed, and a page is soon full. Searches follow the
/// words that they are for, a bounded way for each page.
class ListStore {
 public:
  struct Found {
    std::vector<Product> products;
    /// Where the search goes on, where it has stopped before it had found enough.
    std::optional<Position> stopped_at;
  };

  explicit ListStore(db::Database& database) : database_(database) {}

  /// At most `limit` + 1 of the products that are for sale, so that the caller learns whether there are more. `terms`
  /// stand for `request.text`.
  Task<Found> list(ListRequest request, std::vector<Term> terms);

 private:
  Task<Way> shortest_way(ListRequest const& request, std::vector<Term> const& terms);

  db::Database& database_;
};

}  // namespace balcao::products

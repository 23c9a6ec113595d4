#pragma once

#include "platform/db/database.hpp"
#include "products/catalog/model.hpp"

namespace balcao::products {

/// By what the products of a list are reached.
enum class Way {
  order,  ///< one after the other, as the list shows them
  owner,
  currency,
  price,
  words,  ///< of the term that the fewest products have
};

/// SQL with its parameters.
class ListSql {
 public:
  ListSql& operator<<(std::string_view sql) {
    text_ += sql;
    return *this;
  }
  /// The next parameter.
  template <class T>
  ListSql& with(T const& value) {
    parameters_.push_back(db::to_value(value));
    text_ += '$' + std::to_string(parameters_.size());
    return *this;
  }

  std::string const& text() const { return text_; }
  std::vector<db::Value> take_parameters() { return std::move(parameters_); }

 private:
  std::string text_;
  std::vector<db::Value> parameters_;
};

/// A list, and how it is reached.
struct Listing {
  ListRequest const& request;
  std::vector<Term> const& terms;  ///< the one that the fewest have is the first
  Way way;
};

bool is_by_age(Order order);
/// Whether a list has no other condition than its words.
bool has_words_alone(ListRequest const& request);

ListSql list_sql(Listing const& listing);
/// How many products one way has, counted up to one more than are few.
ListSql count_sql(ListRequest const& request, Way way);
/// The last product that a page of `Way::words` has looked at, where there may be more of them.
ListSql stop_sql(Listing const& listing);

}  // namespace balcao::products

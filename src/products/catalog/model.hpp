#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "platform/fields.hpp"
#include "products/actor.hpp"

namespace balcao::products {

using Name = BoundedText<1, 200>;
using Description = BoundedText<0, 5000>;
/// In the currency's minor unit: cents, centavos. The gateway takes eight digits.
inline constexpr std::int64_t highest_price = 99'999'999;
using Price = BoundedInteger<0, highest_price>;
using Stock = BoundedInteger<0, 1'000'000'000>;

struct Product {
  Id<Product> id;
  Id<Owner> owner;
  std::string name;
  std::string description;
  std::int64_t price = 0;
  std::string currency;
  std::optional<std::int64_t> stock;  ///< none: not counted
  std::optional<std::string> image_url;
  bool active = true;  ///< shown in the catalog
  std::int64_t version = 1;
  Time created_at;
  Time updated_at;
};

/// What a change brings; what it leaves out stays.
struct ProductChange {
  std::optional<Name> name;
  std::optional<Price> price;
  std::optional<Currency> currency;
  std::optional<Description> description;
  std::optional<std::optional<Stock>> stock;  ///< or: it is counted no more
  std::optional<std::optional<WebAddress>> image_url;
  std::optional<bool> active;
};

/// The order of a list; each is total, since the id breaks ties.
enum class Order { newest, oldest, cheapest, dearest, name_up, name_down };

/// The last product of a page, in terms of the order: where the next page begins.
struct Position {
  std::variant<std::monostate, std::int64_t, std::string> key;  ///< the price or the name; none when by age
  Id<Product> id;
};

struct ListRequest {
  std::int64_t limit = 20;
  Order order = Order::newest;
  std::optional<Position> after;
  std::optional<std::string> text;  ///< what is searched for
  std::optional<std::int64_t> min_price;
  std::optional<std::int64_t> max_price;
  std::optional<std::string> currency;
  std::optional<Id<Owner>> owner;
};

/// As many products as are rather taken and sorted than looked for along an order. Neighbours in age are so in the file
/// too, and cheaper to walk along.
constexpr std::int64_t few_products(Order order) {
  return order == Order::newest || order == Order::oldest ? 300 : 1000;
}
/// So many words at most stand for one that is misspelt.
inline constexpr std::size_t most_alternatives = 3;

/// One word of a search: what products have that it finds.
struct Term {
  std::vector<std::string> words;     ///< any of these
  std::vector<std::string> patterns;  ///< the same for LIKE: any of them fits ` search_text `
  std::int64_t products = 0;          ///< how many they are, counted up to one more than are few
};

/// A page may have fewer products than it could and lead on: the search has looked far enough for once.
struct Page {
  std::vector<Product> products;
  std::optional<Position> next;
};

}  // namespace balcao::products

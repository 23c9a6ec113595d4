#pragma once

#include <unordered_map>

#include "platform/jobs/due_rows.hpp"
#include "products/orders/model.hpp"

namespace balcao::products::orders {

/// A product as it is for sale now.
struct ForSale {
  std::string name;
  std::int64_t price;
  std::string currency;
  std::optional<std::int64_t> stock;
};

/// What a buyer's orders hold that are not paid.
struct Unpaid {
  std::int64_t orders = 0;
  std::int64_t pieces = 0;   ///< of those that are counted
  std::int64_t version = 0;  ///< of the buyer's row, which moves with each order of theirs
};

/// What orders are drawn up from, as it is now.
struct Market {
  std::unordered_map<Id<Product>, ForSale> products;
  std::unordered_map<Id<Owner>, Unpaid> buyers;
};

/// The orders, what they take from the stock, and all SQL about them. What changes something is a call, for the batch
/// in which it comes true. Fails as db::Database does.
class OrderStore {
 public:
  explicit OrderStore(db::Database& database) : database_(database) {}

  Task<std::optional<Order>> find(Id<Order> id);
  /// At most `limit` + 1, so that the caller learns whether there are more.
  Task<std::vector<Order>> list(ListRequest request);
  /// Those of the products that are for sale, and what each of the buyers has not paid; all at one moment.
  Task<Market> market(std::vector<Id<Product>> ids, std::vector<Id<Owner>> buyers);

  /// Fails, with all that is in the batch, if the buyer has ordered since `unpaid` was read.
  static db::Call count_order(Id<Owner> buyer, Unpaid const& unpaid);
  /// How many pieces it takes from the stock.
  static std::int64_t pieces_of(Order const& order);
  static db::Call insert(Order const& order);
  /// Fails, with all that is in the batch, if the order has changed since it was read, and where it would go a way that
  /// there is not.
  static db::Call update(Order const& order);
  /// Fails, with all that is in the batch, where there are not so many, or the product is not as it was read any more.
  static db::Call take(Id<Product> product, std::int64_t quantity, ForSale const& as_read);
  static db::Call give_back(Item const& item);

  /// Orders that are to be looked at again.
  jobs::DueRows& due() { return due_; }
  /// Looks at it again at `when`, unless it has changed since it was read.
  Task<> put_off(Order order, std::optional<Time> when);

  /// Does all of it, or nothing.
  Task<> apply(std::vector<db::Call> calls);

 private:
  db::Database& database_;
  jobs::DueRows due_{database_, {.name = "products.orders", .kind = "order", .due = "due_at", .counts = "tries"}};
};

}  // namespace balcao::products::orders

#pragma once

#include <unordered_map>

#include "platform/db/database.hpp"
#include "products/orders/model.hpp"

namespace balcao::products::orders {

/// A product as it is for sale now.
struct ForSale {
  std::string name;
  std::int64_t price;
  std::string currency;
  std::optional<std::int64_t> stock;
};

/// The orders, what they take from the stock, and all SQL about them. What changes something is a call, for the batch
/// in which it comes true. Fails as db::Database does.
class OrderStore {
 public:
  explicit OrderStore(db::Database& database) : database_(database) {}

  Task<std::optional<Order>> find(Id<Order> id);
  /// At most `limit` + 1, so that the caller learns whether there are more.
  Task<std::vector<Order>> list(ListRequest request);
  /// Those of the products that are for sale.
  Task<std::unordered_map<Id<Product>, ForSale>> for_sale(std::vector<Id<Product>> ids);

  static db::Call insert(Order const& order);
  /// Fails, with all that is in the batch, if the order has changed since it was read, and where it would go a way that
  /// there is not.
  static db::Call update(Order const& order);
  /// Fails, with all that is in the batch, where there are not so many, or the product is not as it was read any more.
  static db::Call take(Id<Product> product, std::int64_t quantity, ForSale const& as_read);
  static db::Call give_back(Item const& item);

  /// Orders that are due; no other process is given them before `next`.
  Task<std::vector<Id<Order>>> take_due(Time now, Time next, std::size_t most);
  /// Looks at it again at `when`, unless it has changed since it was read.
  Task<> put_off(Order order, std::optional<Time> when);

  /// Does all of it, or nothing.
  Task<> apply(std::vector<db::Call> calls);

 private:
  db::Database& database_;
};

}  // namespace balcao::products::orders

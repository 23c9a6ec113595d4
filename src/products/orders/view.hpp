#pragma once

#include "platform/idempotency/keys.hpp"
#include "platform/json/describe.hpp"
#include "products/orders/model.hpp"

namespace balcao::products::orders {

struct ItemView {
  Id<Product> product_id;
  std::string name;
  std::int64_t unit_price;
  std::int64_t quantity;
  std::int64_t subtotal;
};
BOOST_DESCRIBE_STRUCT(ItemView, (), (product_id, name, unit_price, quantity, subtotal))

struct FaultView {
  std::string code;
  std::optional<std::string> decline_code;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(FaultView, (), (code, decline_code, message))

/// An order as clients see it.
struct OrderView {
  Id<Order> id;
  Id<Owner> owner_id;
  std::string status;
  std::string currency;
  std::int64_t total;
  std::vector<ItemView> items;
  std::optional<Uuid> payment_id;
  std::optional<std::string> payment_status;
  std::optional<FaultView> decline;
  Time expires_at;
  Time created_at;
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(OrderView, (),
                      (id, owner_id, status, currency, total, items, payment_id, payment_status, decline, expires_at,
                       created_at, updated_at))

OrderView view(Order const& order);

/// The answer that whoever has made the order gets: 201; 202 while it is not known what comes of it; 402 where its
/// payment was declined, 422 where the gateway would not make it.
KeptAnswer answer_of(Order const& order);

/// The Problem that an answer of 402 or 422 is sent as.
Problem failed(KeptAnswer const& answer);

}  // namespace balcao::products::orders

#include "products/routes.hpp"
#include "access/scopes.hpp"
#include "platform/card_number.hpp"
#include "platform/http/paging.hpp"
#include "platform/idempotency/answered.hpp"
#include "products/orders/orders.hpp"
#include "products/orders/view.hpp"

namespace balcao::products {
namespace orders {
namespace {

using http::Accepted;
using http::Access;
using http::Body;
using http::Caller;
using http::Method;
using http::Ok;
using http::Path;
using http::Query;

struct ItemRequest {
  Id<Product> product_id;
  Quantity quantity;
};
BOOST_DESCRIBE_STRUCT(ItemRequest, (), (product_id, quantity))

struct OrderRequest {
  std::vector<ItemRequest> items;
  std::optional<contracts::PaymentMethod> payment_method;
  std::optional<contracts::BillingRequest> billing;
  std::optional<WebAddress> return_url;
};
BOOST_DESCRIBE_STRUCT(OrderRequest, (), (items, payment_method, billing, return_url))

struct OrderListQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<Order>> cursor;
  std::optional<Choice<Order::words>> status;
  std::optional<Id<Owner>> owner;
};
BOOST_DESCRIBE_STRUCT(OrderListQuery, (), (limit, cursor, status, owner))

struct OrderList {
  std::vector<OrderView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(OrderList, (), (data, next_cursor, has_more))

using Made = Answered<OrderView, 201>;

NewOrder wanted(OrderRequest const& request) {
  if (request.items.empty()) throw invalid_field("/items", {"must name something", "deve ter ao menos um item"});
  if (request.items.size() > most_items) {
    throw invalid_field("/items", {"must be at most " + std::to_string(most_items),
                                   "devem ser no máximo " + std::to_string(most_items)});
  }
  NewOrder order;
  for (auto const& item : request.items) order.items.push_back({item.product_id, item.quantity.number()});
  auto with = contracts::pay_with(request.payment_method, request.billing);
  if (!with && request.return_url) {
    throw invalid_field("/return_url", {"goes with payment_method only", "só vale com payment_method"});
  }
  if (with) {
    order.payment =
        Instruction{std::move(*with), request.return_url ? std::optional(request.return_url->str()) : std::nullopt};
  }
  return order;
}

Task<Made> create(Orders& orders, Caller caller, KeyHeader key, Body<OrderRequest> body) {
  auto order = wanted(body.value);
  auto request = needs_key(caller.user, key, "POST /orders", json::encode(body.value));
  auto answer = co_await orders.create(actor(caller), std::move(order), std::move(request));
  if (answer.status >= 400) throw failed(answer);
  auto location = "/orders/" + std::string(json::parse(answer.body).value().at("id").as_string());
  co_return Made{std::move(answer), std::move(location)};
}

Task<Ok<OrderView>> find(Orders& orders, Caller caller, Path<"id", Id<Order>> id) {
  co_return Ok<OrderView>{view(co_await orders.find(actor(caller), id.value))};
}

Task<http::Paged<OrderList>> list(Orders& orders, Caller caller, http::Target target, Query<OrderListQuery> query) {
  auto const& asked = query.value;
  auto const limit = http::limit_of(asked.limit);
  auto const status = asked.status ? std::optional(static_cast<Order::Status>(asked.status->index())) : std::nullopt;
  auto found = co_await orders.list(actor(caller), {asked.owner, status, limit, asked.cursor});
  co_return http::page_of<OrderList>(std::move(found), limit, target, view);
}

Task<std::variant<Ok<OrderView>, Accepted<OrderView>>> cancel(Orders& orders, Caller caller, Path<"id", Id<Order>> id) {
  using enum Order::Status;
  auto const order = co_await orders.cancel(actor(caller), id.value);
  bool const is_settled = order.status != canceling && order.status != refunding;
  if (is_settled) co_return Ok<OrderView>{view(order)};
  co_return Accepted<OrderView>{view(order), "/orders/" + order.id.str()};
}

}  // namespace
}  // namespace orders

http::Endpoints order_endpoints(orders::Orders& all) {
  using namespace orders;
  auto const tag = "Orders";
  auto const reader = Access::user.with_scope(access::scopes::orders_read);
  auto const writer = Access::user.with_scope(access::scopes::orders_write);
  http::Endpoints endpoints{
      http::endpoint(Method::post, "/orders", writer,
                     {tag,
                      "createOrder",
                      "Order, at the prices of this moment, exactly once for each Idempotency-Key",
                      {&problems::out_of_stock, &problems::too_many_unpaid_orders, &problems::order_declined,
                       &problems::order_refused, &balcao::problems::idempotency_key_missing,
                       &balcao::problems::idempotency_key_reused, &balcao::problems::idempotency_key_in_use,
                       &balcao::problems::card_number_refused}},
                     all, create),
      http::endpoint(Method::get, "/orders", reader,
                     {tag, "listOrders", "Orders, the newest first: one's own, or all for an administrator"}, all,
                     list),
      http::endpoint(Method::get, "/orders/{id}", reader, {tag, "getOrder", "One order"}, all, find),
      http::endpoint(Method::post, "/orders/{id}/cancel", writer,
                     {tag,
                      "cancelOrder",
                      "Cancel an order; one that is paid is refunded, which administrators do",
                      {&balcao::problems::forbidden, &problems::order_refused}},
                     all, cancel),
  };
  for (auto& endpoint : endpoints) endpoint.screen = refuse_card_number;
  return endpoints;
}

}  // namespace balcao::products

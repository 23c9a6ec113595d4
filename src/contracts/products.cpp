#include "contracts/products.hpp"

#include "contracts/remote.hpp"
#include "platform/json/describe.hpp"

namespace balcao::contracts {

BOOST_DESCRIBE_STRUCT(OrderToPay, (), (amount, currency, description, payable, expires_at))

namespace {

using http::Access;
using http::Method;
using http::NoContent;
using http::Ok;

struct Order;
struct User;

/// The order, or that there is none.
struct OrderAnswer {
  std::optional<OrderToPay> order;
};
BOOST_DESCRIBE_STRUCT(OrderAnswer, (), (order))

struct OrderQuery {
  std::optional<Id<User>> user;
};
BOOST_DESCRIBE_STRUCT(OrderQuery, (), (user))

constexpr std::string_view order_path = "/internal/products/orders/{id}";
constexpr std::string_view change_path = "/internal/products/orders/{id}/changed";

Task<Ok<OrderAnswer>> answer_order(Products& products, http::Path<"id", Id<Order>> id, http::Query<OrderQuery> query) {
  auto const user = query.value.user;
  if (!user) co_return Ok<OrderAnswer>{};
  co_return Ok<OrderAnswer>{{co_await products.order_to_pay(id.value.uuid, user->uuid)}};
}

Task<NoContent> answer_change(Products& products, http::Path<"id", Id<Order>> id) {
  co_await products.order_changed(id.value.uuid);
  co_return NoContent{};
}

class RemoteProducts final : public Products {
 public:
  RemoteProducts(std::string base_url, ServiceTokens const& tokens)
      : remote_("Products", base_url, tokens),
        gateway_("Products", std::move(base_url), tokens, Remote::gateway_patience) {}

  Task<> order_changed(Uuid order) override { co_await gateway_.put(at(change_path, order), "{}", {}); }

  Task<std::optional<OrderToPay>> order_to_pay(Uuid order, Uuid user) override {
    auto const text = co_await remote_.get(at(order_path, order) + "?user=" + user.str(), {});
    co_return remote_.read<OrderAnswer>(text).order;
  }

 private:
  Remote remote_;
  Remote gateway_;  ///< what may lead to the gateway
};

}  // namespace

http::Endpoints endpoints(Products& products) {
  auto const tag = "Products";
  return {
      http::endpoint(Method::get, order_path, Access::service, {tag, "internalOrder", "An order that is to be paid"},
                     products, answer_order),
      http::endpoint(Method::put, change_path, Access::service,
                     {tag, "internalOrderChanged", "There is news of an order's payment"}, products, answer_change),
  };
}

std::unique_ptr<Products> remote_products(std::string base_url, ServiceTokens const& tokens) {
  return std::make_unique<RemoteProducts>(std::move(base_url), tokens);
}

}  // namespace balcao::contracts

#include "payments/routes.hpp"
#include "access/scopes.hpp"
#include "payments/actor.hpp"
#include "payments/checkout/checkouts.hpp"
#include "payments/payment/fields.hpp"
#include "platform/idempotency/answered.hpp"
#include "platform/json/describe.hpp"

namespace balcao::payments {
namespace {

using http::Access;
using http::Body;
using http::Caller;
using http::Method;
using http::Path;

struct CheckoutRequest {
  std::optional<Amount> amount;
  std::optional<Id<Order>> order_id;
  std::optional<Currency> currency;
  std::optional<Id<Client>> client_id;
  std::optional<BoundedText<1, 250>> description;
  std::optional<CaptureMethod> capture;
  WebAddress success_url;
  WebAddress cancel_url;
  std::optional<BoundedInteger<1800, 86400>> expires_in;
};
BOOST_DESCRIBE_STRUCT(CheckoutRequest, (),
                      (amount, order_id, currency, client_id, description, capture, success_url, cancel_url,
                       expires_in))

struct CheckoutView {
  Id<Checkout> id;
  Id<Payment> payment_id;
  std::string status;
  std::optional<std::string> url;
  std::optional<std::string> gateway_id;
  Time expires_at;
  Time created_at;
};
BOOST_DESCRIBE_STRUCT(CheckoutView, (), (id, payment_id, status, url, gateway_id, expires_at, created_at))

using Made = Answered<CheckoutView, 201>;

CheckoutView view(Checkout const& checkout) {
  return {.id = checkout.id,
          .payment_id = checkout.payment,
          .status = std::string(status_of(checkout)),
          .url = checkout.url,
          .gateway_id = checkout.gateway_id,
          .expires_at = checkout.expires_at,
          .created_at = checkout.created_at};
}

/// Either an amount or an order, which says itself what there is to say of it.
void require_one_thing(CheckoutRequest const& request) {
  std::vector<FieldFault> faults;
  Text const by_order{"goes with amount only: the order says it", "só vale com amount: o pedido já o diz"};
  auto const refuse = [&](bool given, std::string pointer) {
    if (request.order_id && given) faults.push_back({std::move(pointer), by_order});
  };
  if (!request.amount && !request.order_id) {
    faults.push_back({"/amount", {"is needed, or an order_id", "é necessário, ou um order_id"}});
  }
  refuse(request.amount.has_value(), "/order_id");
  refuse(request.currency.has_value(), "/currency");
  refuse(request.description.has_value(), "/description");
  refuse(request.capture.has_value(), "/capture");
  refuse(request.expires_in.has_value(), "/expires_in");
  if (!faults.empty()) throw Problem(balcao::problems::invalid_fields).with_faults(std::move(faults));
}

NewCheckoutPage wanted(CheckoutRequest const& request) {
  NewPayment payment{.amount = request.amount->number(),
                     .currency = request.currency.value_or(Currency::brl()).str(),
                     .client = request.client_id,
                     .description = request.description ? std::optional(request.description->str()) : std::nullopt,
                     .capture = request.capture && request.capture->is_manual() ? Payment::Capture::manual
                                                                                : Payment::Capture::automatic};
  NewCheckoutPage page{std::move(payment), request.success_url.str(), request.cancel_url.str()};
  if (request.expires_in) page.life = std::chrono::seconds(request.expires_in->number());
  return page;
}

Task<Made> create(Checkouts& checkouts, Caller caller, KeyHeader key, Body<CheckoutRequest> body) {
  auto request = needs_key(caller.user, key, "POST /checkout", json::encode(body.value));
  auto const& asked = body.value;
  require_one_thing(asked);
  auto answer = asked.order_id
                    ? co_await checkouts.create_for_order(
                          actor(caller),
                          {*asked.order_id, asked.client_id, asked.success_url.str(), asked.cancel_url.str()}, request)
                    : co_await checkouts.create(actor(caller), wanted(asked), request);
  auto location = "/checkout/" + std::string(json::parse(answer.body).value().at("id").as_string());
  co_return Made{std::move(answer), std::move(location)};
}

Task<http::Ok<CheckoutView>> find(Checkouts& checkouts, Caller caller, Path<"id", Id<Checkout>> id) {
  co_return http::Ok<CheckoutView>{view(co_await checkouts.find(actor(caller), id.value))};
}

}  // namespace

std::string to_json(Checkout const& checkout) { return json::encode(view(checkout)); }

http::Endpoints checkout_endpoints(Checkouts& checkouts) {
  auto const tag = "Payments";
  http::Endpoints all;
  all.push_back(http::endpoint(Method::post, "/checkout", Access::user.with_scope(access::scopes::payments_write),
                               {tag,
                                "createCheckout",
                                "Make a page at the gateway where someone pays, exactly once for each Idempotency-Key",
                                {&problems::order_not_payable, &problems::order_being_paid, &problems::gateway_refused,
                                 &problems::gateway_misconfigured, &balcao::problems::idempotency_key_missing,
                                 &balcao::problems::idempotency_key_reused, &balcao::problems::idempotency_key_in_use}},
                               checkouts, create));
  all.push_back(http::endpoint(Method::get, "/checkout/{id}", Access::user.with_scope(access::scopes::payments_read),
                               {tag, "getCheckout", "One page at the gateway"}, checkouts, find));
  return all;
}

}  // namespace balcao::payments

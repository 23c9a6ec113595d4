#include "payments/routes.hpp"
#include "access/scopes.hpp"
#include "payments/actor.hpp"
#include "payments/checkout/checkouts.hpp"
#include "payments/idempotency/answered.hpp"
#include "payments/payment/fields.hpp"
#include "platform/json/describe.hpp"

namespace balcao::payments {
namespace {

using http::Access;
using http::Body;
using http::Caller;
using http::Method;
using http::Path;

struct CheckoutRequest {
  Amount amount;
  std::optional<Currency> currency;
  std::optional<Id<Client>> client_id;
  std::optional<BoundedText<1, 250>> description;
  std::optional<CaptureMethod> capture;
  WebAddress success_url;
  WebAddress cancel_url;
  std::optional<BoundedInteger<1800, 86400>> expires_in;
};
BOOST_DESCRIBE_STRUCT(CheckoutRequest, (),
                      (amount, currency, client_id, description, capture, success_url, cancel_url, expires_in))

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

NewCheckoutPage wanted(CheckoutRequest const& request) {
  NewPayment payment{.amount = request.amount.number(),
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
  auto request = needs_key(actor(caller).id, key, "POST /checkout", json::encode(body.value));
  auto answer = co_await checkouts.create(actor(caller), wanted(body.value), std::move(request));
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
  all.push_back(
      http::endpoint(Method::post, "/checkout", Access::user.with_scope(access::scopes::payments_write),
                     {tag,
                      "createCheckout",
                      "Make a page at the gateway where someone pays, exactly once for each Idempotency-Key",
                      {&problems::gateway_refused, &problems::gateway_misconfigured, &problems::idempotency_key_missing,
                       &problems::idempotency_key_reused, &problems::idempotency_key_in_use}},
                     checkouts, create));
  all.push_back(http::endpoint(Method::get, "/checkout/{id}", Access::user.with_scope(access::scopes::payments_read),
                               {tag, "getCheckout", "One page at the gateway"}, checkouts, find));
  return all;
}

}  // namespace balcao::payments

#include "payments/routes.hpp"
#include "access/scopes.hpp"
#include "payments/actor.hpp"
#include "payments/payment/answers.hpp"
#include "payments/payment/fields.hpp"
#include "payments/payment/payments.hpp"
#include "payments/payment/view.hpp"
#include "platform/http/paging.hpp"

namespace balcao::payments {
namespace {

using http::Access;
using http::Body;
using http::Caller;
using http::Method;
using http::Ok;
using http::OptionalBody;
using http::Path;
using http::Query;

using contracts::BillingRequest;
using contracts::PaymentMethod;

struct PaymentRequest {
  Amount amount;
  std::optional<Currency> currency;
  std::optional<Id<Client>> client_id;
  std::optional<BoundedText<1, 500>> description;
  std::optional<PaymentMethod> payment_method;
  std::optional<BillingRequest> billing;
  std::optional<CaptureMethod> capture;
  std::optional<bool> confirm;
  std::optional<WebAddress> return_url;
};
BOOST_DESCRIBE_STRUCT(PaymentRequest, (),
                      (amount, currency, client_id, description, payment_method, billing, capture, confirm, return_url))

struct ConfirmRequest {
  std::optional<PaymentMethod> payment_method;
  std::optional<WebAddress> return_url;
};
BOOST_DESCRIBE_STRUCT(ConfirmRequest, (), (payment_method, return_url))

struct CaptureRequest {
  std::optional<Amount> amount;
};
BOOST_DESCRIBE_STRUCT(CaptureRequest, (), (amount))

struct PaymentListQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<Payment>> cursor;
  std::optional<Id<Client>> client_id;
};
BOOST_DESCRIBE_STRUCT(PaymentListQuery, (), (limit, cursor, client_id))

struct PaymentList {
  std::vector<PaymentView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(PaymentList, (), (data, next_cursor, has_more))

struct AttemptView {
  Id<Attempt> id;
  std::string kind;
  std::string outcome;
  std::optional<std::string> code;
  Time created_at;
};
BOOST_DESCRIBE_STRUCT(AttemptView, (), (id, kind, outcome, code, created_at))

struct AttemptList {
  std::vector<AttemptView> data;
};
BOOST_DESCRIBE_STRUCT(AttemptList, (), (data))

using Made = Answered<PaymentView, 201>;
using Changed = Answered<PaymentView, 200>;

/// What is paid with, and whether that goes with the rest.
std::optional<PayWith> pay_with(PaymentRequest const& request, std::string const& currency) {
  auto with = contracts::pay_with(request.payment_method, request.billing);
  if (!with || !with->needs_brl()) return with;
  auto const& method = with->method;
  if (currency != "BRL") throw invalid_field("/currency", {"must be BRL for " + method, "deve ser BRL para " + method});
  if (request.capture && request.capture->is_manual()) {
    throw invalid_field("/capture", {"cannot be manual for " + method, "não pode ser manual para " + method});
  }
  return with;
}

NewPayment wanted(PaymentRequest const& request) {
  auto currency = request.currency.value_or(Currency::brl()).str();
  auto with = pay_with(request, currency);
  bool const confirm = request.confirm.value_or(with.has_value());
  if (confirm && !with) {
    throw invalid_field("/payment_method", {"is needed to confirm", "é necessário para confirmar"});
  }
  return {.amount = request.amount.number(),
          .currency = std::move(currency),
          .client = request.client_id,
          .description = request.description ? std::optional(request.description->str()) : std::nullopt,
          .capture =
              request.capture && request.capture->is_manual() ? Payment::Capture::manual : Payment::Capture::automatic,
          .pay_with = std::move(with),
          .confirm = confirm,
          .return_url = request.return_url ? std::optional(request.return_url->str()) : std::nullopt};
}

Task<Made> create(Payments& payments, Caller caller, KeyHeader key, Body<PaymentRequest> body) {
  auto payment = wanted(body.value);
  auto request = needs_key(caller.user, key, "POST /payments", json::encode(body.value));
  auto answer = co_await payments.create(actor(caller), std::move(payment), std::move(request));
  auto location = "/payments/" + std::string(json::parse(answer.body).value().at("id").as_string());
  co_return answered<Made>(std::move(answer), std::move(location));
}

Task<Changed> confirm(Payments& payments, Caller caller, Path<"id", Id<Payment>> id, KeyHeader key,
                      OptionalBody<ConfirmRequest> body) {
  auto const wish = body.value.value_or(ConfirmRequest{});
  if (wish.payment_method && !wish.payment_method->str().starts_with("pm_")) {
    throw invalid_field("/payment_method",
                        {"must be a payment method of the gateway (pm_…): pix and boleto are chosen when the "
                         "payment is made",
                         "deve ser um método de pagamento do gateway (pm_…): pix e boleto são escolhidos ao "
                         "criar o pagamento"});
  }
  auto request = keyed(caller.user, key, "confirm " + id.value.str(), json::encode(wish));
  auto method = wish.payment_method ? std::optional(wish.payment_method->str()) : std::nullopt;
  auto return_url = wish.return_url ? std::optional(wish.return_url->str()) : std::nullopt;
  co_return answered<Changed>(
      co_await payments.confirm(actor(caller), id.value, std::move(method), std::move(return_url), std::move(request)),
      "/payments/" + id.value.str());
}

Task<Changed> capture(Payments& payments, Caller caller, Path<"id", Id<Payment>> id, KeyHeader key,
                      OptionalBody<CaptureRequest> body) {
  auto const wish = body.value.value_or(CaptureRequest{});
  auto request = keyed(caller.user, key, "capture " + id.value.str(), json::encode(wish));
  auto amount = wish.amount ? std::optional(wish.amount->number()) : std::nullopt;
  co_return answered<Changed>(co_await payments.capture(actor(caller), id.value, amount, std::move(request)),
                              "/payments/" + id.value.str());
}

Task<Changed> cancel(Payments& payments, Caller caller, Path<"id", Id<Payment>> id, KeyHeader key) {
  auto request = keyed(caller.user, key, "cancel " + id.value.str(), "");
  co_return answered<Changed>(co_await payments.cancel(actor(caller), id.value, std::move(request)),
                              "/payments/" + id.value.str());
}

Task<Ok<PaymentView>> find(Payments& payments, Caller caller, Path<"id", Id<Payment>> id) {
  co_return Ok<PaymentView>{view(co_await payments.find(actor(caller), id.value))};
}

Task<http::Paged<PaymentList>> list(Payments& payments, Caller caller, http::Target target,
                                    Query<PaymentListQuery> query) {
  auto const limit = http::limit_of(query.value.limit);
  auto found = co_await payments.list(actor(caller), query.value.client_id, limit, query.value.cursor);
  co_return http::page_of<PaymentList>(std::move(found), limit, target, view);
}

Task<Ok<AttemptList>> attempts(Payments& payments, Caller caller, Path<"id", Id<Payment>> id) {
  auto const payment = co_await payments.find(actor(caller), id.value);
  AttemptList list;
  for (auto const& attempt : co_await payments.attempts_of(payment.id)) {
    auto const outcome = attempt.outcome ? to_string(*attempt.outcome) : "unknown";
    list.data.push_back(
        {attempt.id, std::string(to_string(attempt.kind)), std::string(outcome), attempt.code, attempt.created_at});
  }
  co_return Ok<AttemptList>{std::move(list)};
}

}  // namespace

http::Endpoints payment_endpoints(Payments& payments) {
  auto const tag = "Payments";
  auto const reader = Access::user.with_scope(access::scopes::payments_read);
  auto const writer = Access::user.with_scope(access::scopes::payments_write);
  std::vector<ProblemType const*> const changes{&problems::payment_declined,
                                                &problems::payment_unexpected_state,
                                                &problems::payment_busy,
                                                &problems::gateway_refused,
                                                &problems::gateway_misconfigured,
                                                &balcao::problems::idempotency_key_reused,
                                                &balcao::problems::idempotency_key_in_use};
  auto creating = changes;
  creating.push_back(&balcao::problems::idempotency_key_missing);
  http::Endpoints all;
  all.push_back(http::endpoint(
      Method::post, "/payments", writer,
      {tag, "createPayment", "Make a payment, exactly once for each Idempotency-Key", creating}, payments, create));
  all.push_back(http::endpoint(
      Method::get, "/payments", reader,
      {tag, "listPayments", "Payments, the newest first: one's own, or all for an administrator"}, payments, list));
  all.push_back(
      http::endpoint(Method::get, "/payments/{id}", reader, {tag, "getPayment", "One payment"}, payments, find));
  all.push_back(
      http::endpoint(Method::get, "/payments/{id}/attempts", reader,
                     {tag, "listAttempts", "What the gateway was asked to do with a payment, and what came of it"},
                     payments, attempts));
  all.push_back(http::endpoint(Method::post, "/payments/{id}/confirm", writer,
                               {tag, "confirmPayment", "Pay, with another payment method if need be", changes},
                               payments, confirm));
  all.push_back(http::endpoint(Method::post, "/payments/{id}/capture", writer,
                               {tag, "capturePayment", "Take what was authorised, or a part of it", changes}, payments,
                               capture));
  all.push_back(http::endpoint(Method::post, "/payments/{id}/cancel", writer,
                               {tag, "cancelPayment", "Cancel a payment that is not final", changes}, payments,
                               cancel));
  return all;
}

}  // namespace balcao::payments

#include "payments/routes.hpp"
#include "access/scopes.hpp"
#include "payments/actor.hpp"
#include "payments/payment/fields.hpp"
#include "payments/refunds/refunds.hpp"
#include "payments/refunds/view.hpp"
#include "platform/http/paging.hpp"
#include "platform/idempotency/answered.hpp"

namespace balcao::payments {

RefundView view(Refund const& refund) {
  return {.id = refund.id,
          .payment_id = refund.payment,
          .amount = refund.amount,
          .currency = refund.currency,
          .status = std::string(status_of(refund)),
          .reason = refund.reason,
          .failure_reason = refund.failure_reason,
          .gateway_id = refund.gateway_id,
          .created_at = refund.created_at,
          .updated_at = refund.updated_at};
}

std::string to_json(Refund const& refund) { return json::encode(view(refund)); }

namespace {

using http::Access;
using http::Caller;
using http::Method;
using http::OptionalBody;
using http::Path;
using http::Query;

struct RefundRequest {
  std::optional<Amount> amount;
  std::optional<RefundReason> reason;
};
BOOST_DESCRIBE_STRUCT(RefundRequest, (), (amount, reason))

struct RefundListQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<Refund>> cursor;
};
BOOST_DESCRIBE_STRUCT(RefundListQuery, (), (limit, cursor))

struct RefundList {
  std::vector<RefundView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(RefundList, (), (data, next_cursor, has_more))

using Made = Answered<RefundView, 201>;

Task<Made> create(Refunds& refunds, Caller caller, Path<"id", Id<Payment>> id, KeyHeader key,
                  OptionalBody<RefundRequest> body) {
  auto const wish = body.value.value_or(RefundRequest{});
  auto request = needs_key(caller.user, key, "refund " + id.value.str(), json::encode(wish));
  auto amount = wish.amount ? std::optional(wish.amount->number()) : std::nullopt;
  auto reason = wish.reason ? std::optional(wish.reason->str()) : std::nullopt;
  auto answer = co_await refunds.create(actor(caller), id.value, amount, std::move(reason), std::move(request));
  auto const refund = json::parse(answer.body).value().at("id").as_string();
  auto location = "/payments/" + id.value.str() + "/refunds/" + std::string(refund);
  co_return Made{std::move(answer), std::move(location)};
}

Task<http::Ok<RefundView>> find(Refunds& refunds, Caller caller, Path<"id", Id<Payment>> id,
                                Path<"refund_id", Id<Refund>> refund) {
  co_return http::Ok<RefundView>{view(co_await refunds.find(actor(caller), id.value, refund.value))};
}

Task<http::Paged<RefundList>> list(Refunds& refunds, Caller caller, Path<"id", Id<Payment>> id, http::Target target,
                                   Query<RefundListQuery> query) {
  auto const limit = http::limit_of(query.value.limit);
  auto found = co_await refunds.list(actor(caller), id.value, limit, query.value.cursor);
  co_return http::page_of<RefundList>(std::move(found), limit, target,
                                      [](Refund const& refund) { return view(refund); });
}

}  // namespace

http::Endpoints refund_endpoints(Refunds& refunds) {
  auto const tag = "Payments";
  auto const reader = Access::user.with_scope(access::scopes::payments_read);
  auto const writer = Access::user.with_scope(access::scopes::payments_write);
  http::Endpoints all;
  all.push_back(
      http::endpoint(Method::post, "/payments/{id}/refunds", writer,
                     {tag,
                      "createRefund",
                      "Give money back, all that is left or a part of it, exactly once for each Idempotency-Key",
                      {&problems::refund_too_large, &problems::payment_unexpected_state, &problems::gateway_refused,
                       &problems::gateway_misconfigured, &balcao::problems::idempotency_key_missing,
                       &balcao::problems::idempotency_key_reused, &balcao::problems::idempotency_key_in_use}},
                     refunds, create));
  all.push_back(http::endpoint(Method::get, "/payments/{id}/refunds", reader,
                               {tag, "listRefunds", "A payment's refunds, the newest first"}, refunds, list));
  all.push_back(http::endpoint(Method::get, "/payments/{id}/refunds/{refund_id}", reader,
                               {tag, "getRefund", "One refund"}, refunds, find));
  return all;
}

}  // namespace balcao::payments

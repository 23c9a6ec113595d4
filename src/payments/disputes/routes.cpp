#include "payments/routes.hpp"
#include "access/scopes.hpp"
#include "payments/actor.hpp"
#include "payments/disputes/disputes.hpp"
#include "platform/json/describe.hpp"

namespace balcao::payments {
namespace {

using http::Access;
using http::Caller;
using http::Method;
using http::Path;

struct DisputeView {
  Id<Dispute> id;
  Id<Payment> payment_id;
  std::int64_t amount;
  std::string currency;
  std::string status;
  std::string reason;
  std::string gateway_id;
  Time created_at;
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(DisputeView, (),
                      (id, payment_id, amount, currency, status, reason, gateway_id, created_at, updated_at))

struct DisputeList {
  std::vector<DisputeView> data;
};
BOOST_DESCRIBE_STRUCT(DisputeList, (), (data))

DisputeView view(Dispute const& dispute) {
  return {dispute.id,     dispute.payment,    dispute.amount,     dispute.currency,  dispute.status,
          dispute.reason, dispute.gateway_id, dispute.created_at, dispute.updated_at};
}

Task<http::Ok<DisputeList>> list(Disputes& disputes, Caller caller, Path<"id", Id<Payment>> id) {
  DisputeList list;
  for (auto const& dispute : co_await disputes.of(actor(caller), id.value)) {
    list.data.push_back(view(dispute));
  }
  co_return http::Ok<DisputeList>{std::move(list)};
}

}  // namespace

std::string to_json(Dispute const& dispute) { return json::encode(view(dispute)); }

http::Endpoints dispute_endpoints(Disputes& disputes) {
  http::Endpoints all;
  all.push_back(http::endpoint(Method::get, "/payments/{id}/disputes",
                               Access::user.with_scope(access::scopes::payments_read),
                               {"Payments", "listDisputes", "What has been disputed of a payment"}, disputes, list));
  return all;
}

}  // namespace balcao::payments

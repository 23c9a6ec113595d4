#include "sandbox/disputes/disputes.hpp"

#include "sandbox/disputes/dispute.hpp"
#include "sandbox/disputes/evidence.hpp"
#include "sandbox/transport/fields.hpp"

namespace balcao::sandbox::disputes {
namespace {

std::string const kind = "dispute";
std::vector<std::string_view> const expandable{"charge", "payment_intent"};

bool is_settled(Object const& dispute) {
  auto const status = dispute.text("status");
  return status == "won" || status == "lost";
}

ApiError settled_already(Object const& dispute) {
  return ApiError::invalid("This dispute is already closed: it was " + dispute.text("status") + ".");
}

/// The bank's answer is told by the evidence; https://docs.stripe.com/testing#disputes.
void submit(Object& dispute, Changes& changes, Time now) {
  auto& details = dispute["evidence_details"].as_object();
  details["submission_count"] = details["submission_count"].as_int64() + 1;
  auto const text = objects::text_of(dispute["evidence"].as_object(), "uncategorized_text");
  if (text == "winning_evidence" || text == "losing_evidence") {
    settle(dispute, text == "winning_evidence", changes, now);
  } else {
    dispute["status"] = "under_review";
  }
}

}  // namespace

Operations Disputes::operations() {
  using http::Method;
  return {
      {Method::get, "/v1/disputes", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/disputes/{dispute}", [this](ApiCall call) { return retrieve(std::move(call)); }},
      {Method::post, "/v1/disputes/{dispute}", [this](ApiCall call) { return update(std::move(call)); }},
      {Method::post, "/v1/disputes/{dispute}/close", [this](ApiCall call) { return close(std::move(call)); }},
  };
}

Task<Object> Disputes::named(std::string id) {
  auto dispute = co_await reading_.store().find(kind, id);
  if (!dispute) throw ApiError::missing(kind, id);
  co_return std::move(*dispute);
}

Task<Outcome> Disputes::retrieve(ApiCall call) { return reading_.retrieve(std::move(call), kind, kind, expandable); }

Task<Outcome> Disputes::update(ApiCall call) {
  auto& parameters = call.parameters;
  Changes changes;
  auto& dispute = changes.change(co_await named(call.ids.front()));
  auto const before = dispute.resource;
  bool const has_evidence = apply_evidence(parameters, dispute["evidence"].as_object());
  apply_metadata(parameters, dispute.resource);
  bool const submits = parameters.boolean("submit").value_or(true) && has_evidence;
  auto names = read_expand(parameters, expandable, false);
  parameters.refuse_unknown();
  if (has_evidence && is_settled(dispute)) co_return Outcome::failed(settled_already(dispute));

  if (has_evidence) dispute["evidence_details"].as_object()["has_evidence"] = true;
  changes.tell("charge.dispute.updated", dispute, previous_attributes(before, dispute.resource));
  if (submits) submit(dispute, changes, call.now);
  co_return co_await reading_.answer(std::move(changes), dispute, std::move(names));
}

Task<Outcome> Disputes::close(ApiCall call) {
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  Changes changes;
  auto& dispute = changes.change(co_await named(call.ids.front()));
  if (is_settled(dispute)) co_return Outcome::failed(settled_already(dispute));
  settle(dispute, false, changes, call.now);
  co_return co_await reading_.answer(std::move(changes), dispute, std::move(names));
}

Task<Outcome> Disputes::list(ApiCall call) {
  objects::Filter filter{.kind = kind, .created = read_created(call.parameters)};
  filter.source = call.parameters.given("charge");
  filter.payment_intent = call.parameters.given("payment_intent");
  return reading_.list(std::move(call), std::move(filter), "/v1/disputes", expandable);
}

}  // namespace balcao::sandbox::disputes

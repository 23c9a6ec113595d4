#include "sandbox/refunds/refund.hpp"

#include "sandbox/balance/movement.hpp"
#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::refunds {
namespace {

std::string method_of(Object const& charge) {
  return objects::text_of(charge.resource.at("payment_method_details").as_object(), "type");
}

void tell_update(Object const& refund, Changes& changes) {
  changes.tell("refund.updated", refund);
  changes.tell("charge.refund.updated", refund);
}

}  // namespace

std::int64_t refundable(Object const& charge) { return charge.number("amount") - charge.number("amount_refunded"); }

std::optional<ApiError> refuse(Object const& charge, std::int64_t amount) {
  auto const id = charge.id();
  if (charge.flag("refunded") || refundable(charge) == 0) {
    return ApiError::invalid("Charge " + id + " has already been refunded.", {}, "charge_already_refunded");
  }
  if (!charge.flag("captured")) {
    return ApiError::invalid("Charge " + id + " has not been captured, and there is nothing to refund.", "charge");
  }
  if (charge.flag("disputed")) {
    return ApiError::invalid("Charge " + id + " has been charged back; cannot issue a refund.", {}, "charge_disputed");
  }
  if (method_of(charge) == "boleto") {
    return ApiError::invalid("Payments with boleto cannot be refunded.", {}, "charge_not_refundable");
  }
  if (amount > refundable(charge)) {
    return ApiError::invalid("Refund amount (" + std::to_string(amount) +
                                 ") is greater than unrefunded amount on charge (" +
                                 std::to_string(refundable(charge)) + ").",
                             "amount");
  }
  return std::nullopt;
}

Object& open(Object& charge, std::int64_t amount, bool pending, json::Value reason, Changes& changes, Time now) {
  auto const type = method_of(charge);
  auto& refund = changes.create({now,
                                 1,
                                 {{"id", new_object_id(type == "card" ? "re_3" : "pyr_1")},
                                  {"object", "refund"},
                                  {"amount", amount},
                                  {"balance_transaction", nullptr},
                                  {"charge", charge["id"]},
                                  {"created", to_unix(now)},
                                  {"currency", charge["currency"]},
                                  {"metadata", json::Object{}},
                                  {"payment_intent", charge["payment_intent"]},
                                  {"reason", std::move(reason)},
                                  {"receipt_number", nullptr},
                                  {"source_transfer_reversal", nullptr},
                                  {"status", pending ? "pending" : "succeeded"},
                                  {"transfer_reversal", nullptr}}});
  refund["balance_transaction"] = balance::book({.type = type == "card" ? "refund" : "payment_refund",
                                                 .category = "refund",
                                                 .source = refund.id(),
                                                 .amount = -amount,
                                                 .currency = charge.text("currency"),
                                                 .description = "REFUND FOR CHARGE"},
                                                changes, now)
                                      .id();
  charge["amount_refunded"] = charge.number("amount_refunded") + amount;
  charge["refunded"] = refundable(charge) == 0;
  return refund;
}

void succeed(Object& refund, Changes& changes) {
  refund["status"] = "succeeded";
  tell_update(refund, changes);
}

void take_back(Object& refund, Object& charge, std::string_view status, Changes& changes, Time now) {
  bool const failed = status == "failed";
  auto const& booked = balance::book({.type = "refund_failure",
                                      .category = "refund_failure",
                                      .source = refund.id(),
                                      .amount = refund.number("amount"),
                                      .currency = refund.text("currency"),
                                      .description = "REFUND FAILURE"},
                                     changes, now);
  refund["status"] = status;
  refund["failure_balance_transaction"] = booked.resource.at("id");
  if (failed) refund["failure_reason"] = "expired_or_canceled_card";
  charge["amount_refunded"] = charge.number("amount_refunded") - refund.number("amount");
  charge["refunded"] = false;
  if (failed) changes.tell("refund.failed", refund);
  tell_update(refund, changes);
}

}  // namespace balcao::sandbox::refunds

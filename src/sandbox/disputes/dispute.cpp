#include "sandbox/disputes/dispute.hpp"

#include "sandbox/balance/movement.hpp"
#include "sandbox/disputes/evidence.hpp"
#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::disputes {
namespace {

constexpr auto time_to_answer = std::chrono::days(7);

json::Object card_details(Object const& charge) {
  auto const& card = charge.resource.at("payment_method_details").as_object().at("card").as_object();
  return {{"brand", card.at("brand")}, {"network_reason_code", "10.4"}};
}

void add_transaction(Object& dispute, Object const& transaction) {
  dispute["balance_transactions"].as_array().emplace_back(transaction.resource);
}

}  // namespace

void open(Object& charge, Changes& changes, Time now) {
  charge["disputed"] = true;
  auto& dispute = changes.create({now,
                                  1,
                                  {{"id", new_object_id("dp_1")},
                                   {"object", "dispute"},
                                   {"amount", charge["amount_captured"]},
                                   {"balance_transactions", json::Array{}},
                                   {"charge", charge["id"]},
                                   {"created", to_unix(now)},
                                   {"currency", charge["currency"]},
                                   {"evidence", blank_evidence()},
                                   {"evidence_details",
                                    {{"due_by", to_unix(now + time_to_answer)},
                                     {"has_evidence", false},
                                     {"past_due", false},
                                     {"submission_count", 0}}},
                                   {"is_charge_refundable", false},
                                   {"livemode", false},
                                   {"metadata", json::Object{}},
                                   {"payment_intent", charge["payment_intent"]},
                                   {"payment_method_details", {{"card", card_details(charge)}, {"type", "card"}}},
                                   {"reason", "fraudulent"},
                                   {"status", "needs_response"}}});
  changes.tell("charge.dispute.created", dispute);
  add_transaction(dispute, balance::book({.type = "adjustment",
                                          .category = "dispute",
                                          .source = dispute.id(),
                                          .amount = -dispute.number("amount"),
                                          .fee = balance::dispute_fee,
                                          .currency = dispute.text("currency"),
                                          .description = "Chargeback withdrawal for " + charge.id()},
                                         changes, now));
  changes.tell("charge.dispute.funds_withdrawn", dispute);
}

void settle(Object& dispute, bool won, Changes& changes, Time now) {
  dispute["status"] = won ? "won" : "lost";
  changes.tell("charge.dispute.closed", dispute);
  if (!won) return;
  add_transaction(dispute, balance::book({.type = "adjustment",
                                          .category = "dispute_reversal",
                                          .source = dispute.id(),
                                          .amount = dispute.number("amount"),
                                          .currency = dispute.text("currency"),
                                          .description = "Chargeback reversal for " + dispute.text("charge")},
                                         changes, now));
  changes.tell("charge.dispute.funds_reinstated", dispute);
}

}  // namespace balcao::sandbox::disputes

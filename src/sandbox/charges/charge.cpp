#include "sandbox/charges/charge.hpp"

#include "sandbox/balance/movement.hpp"
#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::charges {
namespace {

using objects::text_of;

json::Object card_details(json::Object const& card) {
  json::Object details{{"installments", nullptr},
                       {"mandate", nullptr},
                       {"network", card.at("brand")},
                       {"network_token", {{"used", false}}},
                       {"three_d_secure", nullptr}};
  for (auto const* member :
       {"brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet"}) {
    details[member] = card.at(member);
  }
  return details;
}

json::Object details_of(Object const& method) {
  auto const type = method.text("type");
  json::Object details{{"type", type}};
  if (type == "card") details["card"] = card_details(method.resource.at("card").as_object());
  if (type == "boleto") details["boleto"] = method.resource.at("boleto");
  if (type == "pix") {
    // The Central Bank's EndToEndId: who was asked, when is left to chance.
    details["pix"] = {{"bank_transaction_id", "E" + random_text(31, "0123456789")}};
  }
  return details;
}

json::Object outcome(std::string_view type, std::string_view network, json::Value reason, std::string_view message) {
  return {{"network_status", network}, {"reason", std::move(reason)}, {"risk_level", "normal"},
          {"risk_score", 20},          {"seller_message", message},   {"type", type}};
}

}  // namespace

Object& open(Object& intent, Object const& method, Changes& changes, Time now) {
  auto const id = new_object_id(method.text("type") == "card" ? "ch_3" : "py_3");
  json::Object resource{{"id", id},
                        {"object", "charge"},
                        {"amount", intent["amount"]},
                        {"amount_captured", 0},
                        {"amount_refunded", 0},
                        {"application", nullptr},
                        {"application_fee", nullptr},
                        {"application_fee_amount", nullptr},
                        {"balance_transaction", nullptr},
                        {"billing_details", method.resource.at("billing_details")},
                        {"calculated_statement_descriptor", "BALCAO SANDBOX"},
                        {"captured", false},
                        {"created", to_unix(now)},
                        {"disputed", false},
                        {"failure_balance_transaction", nullptr},
                        {"failure_code", nullptr},
                        {"failure_message", nullptr},
                        {"fraud_details", json::Object{}},
                        {"livemode", false},
                        {"on_behalf_of", nullptr},
                        {"outcome", nullptr},
                        {"paid", false},
                        {"payment_intent", intent["id"]},
                        {"payment_method", method.resource.at("id")},
                        {"payment_method_details", details_of(method)},
                        {"radar_options", json::Object{}},
                        {"receipt_number", nullptr},
                        {"receipt_url", nullptr},
                        {"refunded", false},
                        {"review", nullptr},
                        {"source_transfer", nullptr},
                        {"status", "pending"},
                        {"transfer_data", nullptr}};
  for (auto const* member : {"currency", "customer", "description", "metadata", "receipt_email", "shipping",
                             "statement_descriptor", "statement_descriptor_suffix", "transfer_group"}) {
    resource[member] = intent[member];
  }
  intent["latest_charge"] = id;
  return changes.create({now, 1, std::move(resource)});
}

void authorize(Object& charge) {
  charge["status"] = "succeeded";
  charge["paid"] = true;
  charge["outcome"] = outcome("authorized", "approved_by_network", nullptr, "Payment complete.");
}

void capture(Object& charge, std::int64_t amount, Changes& changes, Time now) {
  auto const method = text_of(charge["payment_method_details"].as_object(), "type");
  bool const is_card = method == "card";
  auto const& booked = balance::book({.type = is_card ? "charge" : "payment",
                                      .category = "charge",
                                      .source = charge.id(),
                                      .amount = amount,
                                      .fee = balance::fee_of(method, amount),
                                      .currency = charge.text("currency"),
                                      .description = charge.text("description")},
                                     changes, now);
  charge["captured"] = true;
  charge["amount_captured"] = amount;
  charge["amount_refunded"] = charge.number("amount") - amount;
  charge["balance_transaction"] = booked.resource.at("id");
}

void release(Object& charge) {
  charge["amount_refunded"] = charge["amount"];
  charge["refunded"] = true;
}

void refuse(Object& charge, std::string_view code, std::string_view decline_code, std::string_view message) {
  charge["status"] = "failed";
  charge["failure_code"] = code;
  charge["failure_message"] = message;
  charge["outcome"] = outcome("issuer_declined", "declined_by_network", json::Value(decline_code),
                              "The bank did not return any further details with this decline.");
}

payment_methods::TestCard const* card_of(Object const& charge) {
  auto const& details = charge.resource.at("payment_method_details").as_object();
  auto const* card = details.if_contains("card");
  return card ? payment_methods::find_card_by_last4(text_of(card->as_object(), "last4")) : nullptr;
}

}  // namespace balcao::sandbox::charges

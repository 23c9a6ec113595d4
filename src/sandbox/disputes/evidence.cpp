#include "sandbox/disputes/evidence.hpp"

#include <array>

namespace balcao::sandbox::disputes {
namespace {

constexpr std::array<std::string_view, 27> kinds{"access_activity_log",
                                                 "billing_address",
                                                 "cancellation_policy",
                                                 "cancellation_policy_disclosure",
                                                 "cancellation_rebuttal",
                                                 "customer_communication",
                                                 "customer_email_address",
                                                 "customer_name",
                                                 "customer_purchase_ip",
                                                 "customer_signature",
                                                 "duplicate_charge_documentation",
                                                 "duplicate_charge_explanation",
                                                 "duplicate_charge_id",
                                                 "product_description",
                                                 "receipt",
                                                 "refund_policy",
                                                 "refund_policy_disclosure",
                                                 "refund_refusal_explanation",
                                                 "service_date",
                                                 "service_documentation",
                                                 "shipping_address",
                                                 "shipping_carrier",
                                                 "shipping_date",
                                                 "shipping_documentation",
                                                 "shipping_tracking_number",
                                                 "uncategorized_file",
                                                 "uncategorized_text"};
constexpr std::size_t longest = 20'000;

}  // namespace

json::Object blank_evidence() {
  json::Object evidence;
  for (auto const kind : kinds) evidence[kind] = nullptr;
  return evidence;
}

bool apply_evidence(Parameters& parameters, json::Object& evidence) {
  auto sent = parameters.object("evidence");
  if (!sent) return false;
  for (auto const kind : kinds) {
    if (auto const text = sent->text(kind, longest)) evidence[kind] = *text;
  }
  sent->refuse_unknown();
  return true;
}

}  // namespace balcao::sandbox::disputes

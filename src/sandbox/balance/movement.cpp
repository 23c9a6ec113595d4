#include "sandbox/balance/movement.hpp"

#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::balance {
namespace {

/// Of ten thousand, rounded to the nearest unit.
std::int64_t share(std::int64_t amount, std::int64_t basis_points) { return (amount * basis_points + 5000) / 10'000; }

json::Array fee_details(Movement const& movement) {
  json::Array details;
  if (movement.fee == 0) return details;
  details.emplace_back(
      json::Object{{"amount", movement.fee},
                   {"application", nullptr},
                   {"currency", movement.currency},
                   {"description", movement.type == "adjustment" ? "Dispute fee" : "Stripe processing fees"},
                   {"type", "stripe_fee"}});
  return details;
}

}  // namespace

objects::Object& book(Movement movement, objects::Changes& changes, Time now) {
  json::Value description = nullptr;
  if (!movement.description.empty()) description = movement.description;
  return changes.create({now,
                         1,
                         {{"id", new_object_id("txn_3")},
                          {"object", "balance_transaction"},
                          {"amount", movement.amount},
                          {"available_on", to_unix(now)},
                          {"created", to_unix(now)},
                          {"currency", movement.currency},
                          {"description", std::move(description)},
                          {"exchange_rate", nullptr},
                          {"fee", movement.fee},
                          {"fee_details", fee_details(movement)},
                          {"net", movement.amount - movement.fee},
                          {"reporting_category", movement.category},
                          {"source", movement.source},
                          {"status", "available"},
                          {"type", movement.type}}});
}

std::int64_t fee_of(std::string_view method, std::int64_t amount) {
  if (method == "pix") return share(amount, 119);
  if (method == "boleto") return 345;
  return share(amount, 399) + 39;
}

}  // namespace balcao::sandbox::balance

#pragma once

#include "payments/ledger/ledger.hpp"
#include "payments/payment/model.hpp"

namespace balcao::payments {

struct Dispute {
  Id<Dispute> id;
  Id<Payment> payment;
  std::string gateway_id;  ///< `dp_…`
  std::int64_t amount;
  std::string currency;
  std::string status;  ///< the gateway's word: `needs_response`, `under_review`, `won`, `lost`, …
  std::string reason;
  std::int64_t version = 1;
  Time created_at;
  Time updated_at;
};

/// A dispute as clients and integrators see it, as a JSON object.
std::string to_json(Dispute const& dispute);

/// The disputes, and all SQL about them. What changes something is a call, for the batch in which it comes true.
class DisputeStore {
 public:
  explicit DisputeStore(db::Database& database) : database_(database) {}

  Task<std::optional<Dispute>> find_by_gateway_id(std::string gateway_id);
  Task<std::vector<Dispute>> of(Id<Payment> payment);

  /// Fails, with all that is in the batch, if it is there already.
  static db::Call insert(Dispute const& dispute);
  /// Fails, with all that is in the batch, if the dispute has changed since it was read.
  static db::Call update(Dispute const& dispute);

 private:
  db::Database& database_;
};

}  // namespace balcao::payments

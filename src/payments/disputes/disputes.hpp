#pragma once

#include "payments/disputes/store.hpp"
#include "payments/gateway/gateway.hpp"
#include "payments/payment/payments.hpp"

namespace balcao::payments {

/// What customers have disputed with their banks: recorded here, and answered in the gateway's dashboard.
class Disputes {
 public:
  /// What they are given must outlive them.
  struct Ground {
    DisputeStore& store;
    PaymentStore& payment_store;
    Payments& payments;
    Gateway& gateway;
    Messages& messages;
    db::Database& database;
    Clock const& clock;
  };
  explicit Disputes(Ground ground) : ground_(ground) {}

  /// Problem not_found, also for what is another's.
  Task<std::vector<Dispute>> of(Actor actor, Id<Payment> payment);

  /// Takes over what the gateway says of a dispute now: its status counts, and not the name of the event that told of
  /// it.
  Task<> refresh(std::string gateway_id);

 private:
  Task<bool> try_take_over(GatewayDispute const& told, bool last);

  Ground const ground_;
};

}  // namespace balcao::payments

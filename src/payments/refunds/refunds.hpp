#pragma once

#include "payments/payment/payments.hpp"
#include "payments/refunds/store.hpp"
#include "platform/idempotency/keys.hpp"

namespace balcao::payments {

/// The refunds, each made at the gateway exactly once: its row is committed first, and its key there is its id. What is
/// reserved for refunds, settled or not, is never more than what was captured; the database sees to that.
class Refunds {
 public:
  /// What they are given must outlive them.
  struct Ground {
    RefundStore& store;
    PaymentStore& payment_store;
    Payments& payments;
    Gateway& gateway;
    Messages& messages;
    IdempotencyKeys& keys;
    db::Database& database;
    Clock const& clock;
  };
  explicit Refunds(Ground ground) : ground_(ground) {}

  /// 201, or 202 while it is not known whether the gateway has made it. No amount: all that is left. Problems:
  /// not_found, forbidden for an order's payment where it is not an administrator, payment_unexpected_state,
  /// refund_too_large, those of idempotency keys, gateway_refused, gateway_misconfigured, unavailable (all: nothing is
  /// done).
  Task<KeptAnswer> create(Actor actor, Id<Payment> payment, std::optional<std::int64_t> amount,
                          std::optional<std::string> reason, KeyedRequest request);
  /// Gives back all that is left of an order's payment, once for each `id`. Returns once that is certain to happen, or
  /// where nothing is left. Problems: gateway_refused, gateway_misconfigured, unavailable (all: nothing is done).
  Task<> give_back(Payment payment, Id<Refund> id);
  /// Newest first; one more than `limit` where there are more. Problem not_found.
  Task<std::vector<Refund>> list(Actor actor, Id<Payment> payment, std::size_t limit, std::optional<Id<Refund>> after);
  Task<Refund> find(Actor actor, Id<Payment> payment, Id<Refund> id);

  /// Takes over what the gateway says of a refund, also of one that was made in its dashboard.
  Task<> refresh(std::string gateway_id);
  /// Sees to refunds that should have been settled by now; a few at a time.
  Task<> recover();

 private:
  Refund drawn_up(Id<Refund> id, Payment const& payment, std::int64_t amount) const;
  Task<Refund> see_through(Refund refund, bool fresh, std::optional<KeyedRequest> request);
  Task<GatewayRefund> ask(Refund refund, bool fresh);
  Task<Refund> settle(Refund refund, GatewayRefund told, std::optional<KeyedRequest> request);
  Task<> undo(Refund refund, std::optional<KeyedRequest> request);
  Task<> adopt(GatewayRefund told);
  Task<> look_after(Id<Refund> id);
  KeptAnswer answer(Refund const& refund) const;

  Ground const ground_;
};

}  // namespace balcao::payments

#pragma once

#include "contracts/payments.hpp"
#include "payments/payment/payments.hpp"
#include "payments/refunds/refunds.hpp"

namespace balcao::payments {

/// The payments of orders: one for each, whoever asks and how often. The order's id is unique among the payments, and
/// all of this rests on that: an order that is called off before it was paid gets a payment that is canceled, so that
/// whoever comes late with the money finds its place taken.
class OrderPayments {
 public:
  /// What they are given must outlive them.
  struct Ground {
    PaymentStore& store;
    Attempts& attempts;
    Payments& payments;
    RefundStore& refund_store;
    Refunds& refunds;
    Clock const& clock;
  };
  explicit OrderPayments(Ground ground) : ground_(ground) {}

  /// As contracts::Payments has them. Problems: gateway_misconfigured, unavailable.
  Task<contracts::Settlement> pay(contracts::Bill bill, PayWith with, std::optional<std::string> return_url);
  Task<contracts::Settlement> find(Id<Order> order);
  Task<contracts::Settlement> call_off(contracts::Bill bill);
  Task<contracts::Settlement> refund(Id<Order> order, Id<Refund> refund);

 private:
  Payment begin(contracts::Bill const& bill, PayWith with, std::optional<std::string> return_url) const;
  Task<bool> insert(std::vector<db::Call> calls);
  Task<contracts::Settlement> settlement(Payment payment);

  Ground const ground_;
};

}  // namespace balcao::payments

#pragma once

#include <unordered_set>

#include "payments/clients/clients.hpp"
#include "payments/gateway/gateway.hpp"
#include "payments/payment/payments.hpp"
#include "payments/reconciliation/store.hpp"

namespace balcao::payments {

/// What a comparison has found.
struct Report {
  std::size_t payments = 0;   ///< of ours, compared
  std::size_t intents = 0;    ///< of the gateway's with our mark, compared
  std::size_t movements = 0;  ///< on our account at the gateway, compared with the ledger
  std::vector<Drift> drifts;
};

/// Compares what we have with what the gateway has, and mends what can be mended by taking over what the gateway says.
/// What is left is a drift: someone has to look at it.
class Reconciler {
 public:
  /// What it is given must outlive it.
  struct Ground {
    ReconciliationStore& store;
    PaymentStore& payment_store;
    Attempts& attempts;
    Clients& clients;
    Ledger& ledger;
    Gateway& gateway;
    Clock const& clock;
  };
  explicit Reconciler(Ground ground) : ground_(ground) {}

  /// Payments made from `from` on and before `until`; the drifts are kept, and those that are no more are resolved.
  /// Throws GatewayUnknown and GatewayRefused.
  Task<Report> reconcile(Time from, Time until);

 private:
  Task<> compare_intents(Time from, Time until, Report& report);
  Task<Payment> refresh(Payment payment);
  Task<std::vector<Drift>> compare(Payment payment, Intent intent);
  Task<> compare_payments(Time from, Time until, std::unordered_set<Id<Payment>> const& seen, Report& report);

  Ground const ground_;
};

}  // namespace balcao::payments

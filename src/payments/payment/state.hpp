#pragma once

#include <string>
#include <vector>

#include "payments/ledger/ledger.hpp"
#include "payments/payment/model.hpp"

namespace balcao::payments {

/// What the gateway says of an intent, taken over.
struct Change {
  Payment payment;
  std::vector<Transfer> transfers;  ///< for the ledger
  std::optional<std::string> news;  ///< `payment.succeeded`: what integrators are told, if anything
};

/// Why the gateway's intent cannot be this payment's; nothing where it can.
std::optional<std::string> contradiction(Payment const& payment, Intent const& intent);

/// Takes over what the gateway says. States are monotonic: what is final stays, whatever an older answer says. The
/// intent must have been asked for after the payment was read, unless it is final. No I/O.
Change take_over(Payment payment, Intent const& intent, Time now);

/// When to ask for a payment that is not final, if nothing is heard of it: after a minute at first, an hour at last.
std::optional<Time> next_check(Payment const& payment, Time now);

}  // namespace balcao::payments

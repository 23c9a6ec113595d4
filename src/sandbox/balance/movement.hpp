#pragma once

#include <string>
#include <string_view>

#include "sandbox/objects/changes.hpp"

namespace balcao::sandbox::balance {

/// A movement of money on the account; https://docs.stripe.com/reports/balance-transaction-types.
struct Movement {
  std::string_view type;      ///< `charge`, `payment`, `refund`, `adjustment`, …
  std::string_view category;  ///< how reports count it
  std::string source;         ///< the charge, the refund, the dispute
  std::int64_t amount;        ///< what leaves the account is negative
  std::int64_t fee = 0;
  std::string currency;
  std::string description{};
};

/// Its balance transaction, new in `changes`. The money is there at once.
objects::Object& book(Movement movement, objects::Changes& changes, Time now);

/// What the gateway takes of a payment, in the currency's minor unit.
std::int64_t fee_of(std::string_view method, std::int64_t amount);
constexpr std::int64_t dispute_fee = 5500;

}  // namespace balcao::sandbox::balance

#pragma once

#include <optional>
#include <string>

#include "payments/payment/model.hpp"

namespace balcao::payments {

/// Where the gateway and we do not agree.
struct Drift {
  enum class Kind {
    missing_here,   ///< the gateway has an intent with our mark, and we have no such payment
    missing_there,  ///< we have a payment whose intent the gateway does not know
    amount,
    status,
    currency,
    doubled,  ///< two intents for one payment
  };

  Kind kind;
  std::string object_id;  ///< the gateway's
  std::optional<Id<Payment>> payment;
  std::string ours;
  std::string theirs;
};

std::string_view to_string(Drift::Kind kind);

}  // namespace balcao::payments

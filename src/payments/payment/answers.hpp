#pragma once

#include "platform/idempotency/answered.hpp"

namespace balcao::payments {

/// The Problem that a declined payment's answer is sent as.
Problem declined(KeptAnswer const& answer, std::string location);

/// A kept answer of a payment's, to be sent. Throws payment_declined for a 402.
template <class Answer>
Answer answered(KeptAnswer answer, std::string location) {
  if (answer.status == 402) throw declined(answer, std::move(location));
  return {std::move(answer), std::move(location)};
}

}  // namespace balcao::payments

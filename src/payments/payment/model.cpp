#include "payments/payment/model.hpp"

#include "payments/payment/words.hpp"

namespace balcao::payments {

std::string_view to_string(Attempt::Kind kind) { return kind_words.word(kind); }
std::string_view to_string(Attempt::Outcome outcome) { return outcome_words.word(outcome); }
std::string_view to_string(Payment::Capture capture) { return capture_words.word(capture); }

std::string_view status_of(Payment const& payment) {
  return payment.open ? "unknown" : status_words.word(payment.status);
}

Payment new_payment(Id<Owner> owner, NewPayment const& wanted, Time now) {
  return {.id = Id<Payment>::make(now),
          .owner = owner,
          .client = wanted.client,
          .order = wanted.order,
          .amount = wanted.amount,
          .currency = wanted.currency,
          .capture = wanted.capture,
          .description = wanted.description,
          .method = wanted.pay_with ? std::optional(wanted.pay_with->method) : std::nullopt,
          .created_at = now,
          .updated_at = now};
}

}  // namespace balcao::payments

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "payments/clients/model.hpp"
#include "payments/gateway/gateway.hpp"
#include "payments/model.hpp"

namespace balcao::payments {

/// Something that the gateway is asked to do with a payment: committed before a byte leaves, settled with what came of
/// it. A payment has one at a time, and each has an idempotency key of its own at the gateway.
struct Attempt {
  enum class Kind { create, confirm, capture, cancel };
  /// `refused`: the gateway would not do it, and nothing has changed. `abandoned`: it is certain that it never
  /// happened.
  enum class Outcome { done, declined, refused, abandoned };

  Id<Attempt> id;
  Kind kind;
  json::Object parameters{};  ///< until it is settled: they may say who pays
  std::int64_t tries = 0;     ///< by recovery
  Time created_at;
  std::optional<Outcome> outcome{};
  std::optional<std::string> code{};  ///< why, where it was declined or refused
};

std::string_view to_string(Attempt::Kind kind);
std::string_view to_string(Attempt::Outcome outcome);

/// A payment: one intent at the gateway, made exactly once.
struct Payment {
  enum class Capture { automatic, manual };

  Id<Payment> id;
  Id<Owner> owner;
  std::optional<Id<Client>> client{};
  std::optional<Id<Order>> order{};
  std::int64_t amount;  ///< in the currency's minor unit
  std::string currency;
  Capture capture = Capture::automatic;
  std::optional<std::string> description{};
  Intent::Status status = Intent::Status::requires_payment_method;
  std::optional<std::string> gateway_id{};  ///< `pi_…`
  std::optional<std::string> method{};      ///< `card`, `pix`, `boleto`
  std::optional<json::Object> next_action{};
  std::optional<Decline> decline{};  ///< of the last attempt to pay
  std::int64_t amount_captured = 0;
  std::int64_t amount_refunded = 0;  ///< refunds that are not settled yet included
  std::int64_t version = 1;          ///< counts what has been taken over from the gateway
  std::optional<Time> check_at{};    ///< when to ask the gateway, if nothing is heard; none once it is final
  Time created_at;
  Time updated_at;
  /// What the gateway has been asked and has not answered: while there is one, the outcome is unknown.
  std::optional<Attempt> open{};

  bool is_final() const { return status == Intent::Status::succeeded || status == Intent::Status::canceled; }
};

std::string_view to_string(Payment::Capture capture);
/// The gateway's word for it, or `unknown` while the outcome of an attempt is.
std::string_view status_of(Payment const& payment);

using contracts::PayWith;

struct NewPayment {
  std::int64_t amount;
  std::string currency;
  std::optional<Id<Client>> client{};
  std::optional<Id<Order>> order{};
  std::optional<std::string> description{};
  Payment::Capture capture = Payment::Capture::automatic;
  std::optional<PayWith> pay_with{};
  bool confirm = false;  ///< at once
  std::optional<std::string> return_url{};
};

/// A payment of which nothing is known yet but what is wanted.
Payment new_payment(Id<Owner> owner, NewPayment const& wanted, Time now);

/// What an operation on a payment has come to.
struct Done {
  Payment payment;
  std::optional<Attempt::Outcome> outcome;  ///< of the last attempt; none while it is unknown
};

/// Newest first, behind `after`.
struct PaymentListRequest {
  std::optional<Id<Owner>> owner;  ///< those that he has made; none: all there are
  std::optional<Id<Client>> client;
  std::size_t limit = 20;
  std::optional<Id<Payment>> after;
};

namespace problems {

inline constexpr ProblemType payment_declined{402, "payment_declined", "The payment was declined",
                                              "O pagamento foi recusado"};
inline constexpr ProblemType payment_unexpected_state{409, "payment_unexpected_state",
                                                      "The payment's state does not allow this",
                                                      "O estado do pagamento não permite isto"};
inline constexpr ProblemType payment_busy{409, "payment_busy", "Something else is under way with this payment",
                                          "Outra operação está em curso com este pagamento"};

}  // namespace problems
}  // namespace balcao::payments

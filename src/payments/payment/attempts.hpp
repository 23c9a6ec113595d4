#pragma once

#include <functional>
#include <variant>

#include "payments/gateway/gateway.hpp"
#include "payments/payment/state.hpp"
#include "payments/payment/store.hpp"
#include "payments/webhooks/messages.hpp"
#include "platform/idempotency/keys.hpp"

namespace balcao::payments {

/// A request whose answer is to be kept with what it comes to, and that answer's status where it goes well.
struct Keeping {
  KeyedRequest request;
  int success;
};

/// Sees attempts through: asks the gateway to do what was committed, and settles what comes of it.
///
/// Exactly once, whatever breaks: an attempt is committed before a byte leaves; its key at the gateway follows from its
/// id; and what is not known stays open until the gateway has said it. Whoever finds an attempt open, a request or
/// recovery, in this process or another, may go on with it at any time.
class Attempts {
 public:
  /// What they are given must outlive them.
  Attempts(PaymentStore& store, Gateway& gateway, Messages& messages, IdempotencyKeys const& keys, Clock const& clock)
      : store_(store), gateway_(gateway), messages_(messages), keys_(keys), clock_(clock) {}

  /// When recovery takes up an attempt that is begun now.
  Time retry_at() const;

  /// Sees the payment's open attempt through, and the one that follows from it; where there is none, gives what the
  /// last one came to. `fresh`: this request has just committed it, and nobody else has asked yet. The outcome is none
  /// where the gateway has not said it. Problems: gateway_refused, gateway_misconfigured, unavailable (all: nothing is
  /// done).
  Task<Done> see_through(Payment payment, bool fresh, std::optional<Keeping> keeping);

  /// Asks the gateway how a payment is now, and takes it over. One whose attempt is open is seen through instead.
  Task<Payment> refresh(Payment payment);

  /// Takes over an intent of which it is known that it belongs to the payment, and that it is as it is now or final.
  Task<Payment> adopt(Payment payment, Intent intent);

  /// The same for an intent of which it is not known whether it is a payment's of ours.
  Task<> adopt_unknown(std::string intent_id);

  /// The page where it was to be paid is over: a payment that has no intent is canceled; any other is as the gateway
  /// says.
  Task<> give_up(Id<Payment> id);

  /// Whether the payment's attempt is likely to be under way in some request.
  bool is_under_way(Payment const& payment) const;

  /// The answer that a client gets.
  static KeptAnswer answer(Done const& done, int success);

 private:
  /// It is certain that it never happened; the intent, if there is one, is as it was.
  struct Abandoned {
    std::optional<Intent> intent;
  };
  using Result = std::variant<Intent, GatewayRefused, Abandoned>;
  /// The gateway did not answer, or may have done something and not said it.
  struct Unknown {
    std::string why;
    bool sent;
  };

  Task<> put_off(Payment const& payment, bool fresh, Unknown const& unknown);
  Task<std::variant<Result, Unknown>> ask(Payment payment, bool fresh);
  Task<Result> perform(Payment payment, bool fresh);
  Task<Result> create(Payment payment, bool fresh);
  Task<Result> change(Payment payment, bool fresh);
  Task<Done> settle(Payment payment, Result result, std::optional<Keeping> keeping);
  Task<Done> settle_with(Payment payment, Intent intent, Attempt::Outcome outcome, std::optional<std::string> code,
                         std::optional<Keeping> keeping);
  Task<Done> settle_refused(Payment payment, GatewayRefused refused, std::optional<Keeping> keeping);
  Task<> remove(Id<Payment> payment);
  Task<Intent> ask_again(std::string id);
  /// Nothing where the payment has changed meanwhile.
  Task<std::optional<Payment>> try_apply(std::vector<db::Call> calls, Payment changed, bool last);
  /// The outcome is that of its last attempt.
  Task<Done> as_it_is(Payment payment);

  PaymentStore& store_;
  Gateway& gateway_;
  Messages& messages_;
  IdempotencyKeys const& keys_;
  Clock const& clock_;
};

}  // namespace balcao::payments

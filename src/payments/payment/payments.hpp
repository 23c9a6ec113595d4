#pragma once

#include "payments/checkout/checkouts.hpp"
#include "payments/clients/clients.hpp"
#include "payments/payment/attempts.hpp"

namespace balcao::payments {

/// Problem payment_unexpected_state, with the state that it is.
Problem unexpected_state(Payment const& payment);

/// The payments: made, confirmed, captured and canceled at the gateway, each exactly once.
///
/// Every operation is given what the client's Idempotency-Key came with, if there was one: the same key gives the
/// answer that its first request has come to, however it was cut off. Its Problems: idempotency_key_reused,
/// idempotency_key_in_use; and those of Attempts::see_through.
class Payments {
 public:
  /// What they are given must outlive them.
  struct Ground {
    PaymentStore& store;
    Attempts& attempts;
    Clients& clients;
    Checkouts& checkouts;
    IdempotencyKeys& keys;
    Clock const& clock;
  };
  explicit Payments(Ground ground) : ground_(ground) {}

  /// 201, or 402 where it is declined, or 202 while that is not known. Problems: invalid_fields for a client that is
  /// not one's own or that the gateway does not know (yet).
  Task<KeptAnswer> create(Actor actor, NewPayment wanted, KeyedRequest request);

  /// 200, 402 or 202. Problems of all three: not_found, payment_busy while something else is under way, and
  /// payment_unexpected_state.
  Task<KeptAnswer> confirm(Actor actor, Id<Payment> id, std::optional<std::string> payment_method,
                           std::optional<std::string> return_url, std::optional<KeyedRequest> request);
  /// All that was authorised, or `amount` of it; the rest is released.
  Task<KeptAnswer> capture(Actor actor, Id<Payment> id, std::optional<std::int64_t> amount,
                           std::optional<KeyedRequest> request);
  /// One that is canceled already is fine.
  Task<KeptAnswer> cancel(Actor actor, Id<Payment> id, std::optional<KeyedRequest> request);

  /// Problem not_found, also for what is another's.
  Task<Payment> find(Actor actor, Id<Payment> id);
  Task<std::vector<Attempt>> attempts_of(Id<Payment> id) { return ground_.store.attempts_of(id); }
  /// One's own; an administrator's list has everyone's. One more than `limit` where there are more.
  Task<std::vector<Payment>> list(Actor actor, std::optional<Id<Client>> client, std::size_t limit,
                                  std::optional<Id<Payment>> after);

  /// Sees to payments whose attempt should have been settled by now; a few at a time.
  Task<> recover();
  /// Asks for payments that are not final and of which nothing has been heard for long; a few at a time.
  Task<> check();

  /// Takes over what the gateway says of an intent, where it is of ours. False, and nothing done, while a request is
  /// about to do so: ask again a moment later.
  Task<bool> refresh(std::string intent_id);

 private:
  Task<KeptAnswer> change(Actor actor, Id<Payment> id, Attempt::Kind kind, json::Object parameters,
                          std::optional<KeyedRequest> request);
  Task<KeptAnswer> go_on(KnownKey known, KeyedRequest request, int success);
  Task<Payment> asked(Payment payment);
  Task<> look_after(Id<Payment> id);
  Task<> look_after(jobs::DueRows& due);

  Ground const ground_;
};

}  // namespace balcao::payments

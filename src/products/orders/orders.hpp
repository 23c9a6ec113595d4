#pragma once

#include <atomic>

#include "contracts/payments.hpp"
#include "contracts/products.hpp"
#include "platform/runtime/wake_up.hpp"
#include "products/orders/reservations.hpp"

namespace balcao::products::orders {

/// The orders: their pieces are reserved, paid through Payments, and given back where they are not.
///
/// An order that is not final has a time at which it is looked at again. Whoever finds it, the request that made it, a
/// hint of Payments' or recovery, in this process or another, may go on with it at any time: what Payments says is
/// taken over by a compare-and-set on its version.
class Orders {
 public:
  /// What they are given must outlive them.
  struct Ground {
    OrderStore& store;
    Reservations& reservations;
    IdempotencyKeys& keys;
    contracts::Payments& payments;
    Clock const& clock;
  };
  explicit Orders(Ground ground) : ground_(ground) {}

  /// `answer_of` what the order has come to. Problems: invalid_fields, out_of_stock,
  /// too_many_unpaid_orders, those of idempotency keys.
  Task<KeptAnswer> create(Actor actor, NewOrder wanted, KeyedRequest request);

  /// The order on its way to be canceled, or as it is where it is over; one that is paid is given back, for an
  /// administrator. Problems: not_found, forbidden, gateway_refused where the money cannot be given back.
  Task<Order> cancel(Actor actor, Id<Order> id);

  /// Problem not_found, also for what is another's.
  Task<Order> find(Actor actor, Id<Order> id);
  /// One's own; an administrator's list has everyone's, or those of `owner`. One more than `limit` where there are
  /// more.
  Task<std::vector<Order>> list(Actor actor, ListRequest request);

  /// As contracts::Products has them.
  Task<> changed(Id<Order> id);
  Task<std::optional<contracts::OrderToPay>> to_pay(Id<Order> id, Id<Owner> user);

  /// Sees to orders that are due, a few at a time. Whether there may be more.
  Task<bool> recover();
  /// The same, until `stop`.
  Task<> run();
  /// From any thread.
  void stop();

 private:
  /// Why it is looked at: `news`, because Payments has some, which need only be read.
  enum class Cause { progress, news };

  Task<KeptAnswer> go_on(KnownKey known, KeyedRequest request);
  Task<Order> see_to(Order order, Cause cause, std::optional<KeyedRequest> request);
  Task<std::optional<contracts::Settlement>> ask(Order order, Cause cause);
  Task<contracts::Settlement> settle(Order order, Cause cause);
  Task<std::optional<Order>> write(Order before, Order after, std::optional<KeyedRequest> request);
  Task<> keep_answer(Order order, KeyedRequest request);
  Task<Order> read_again(Id<Order> id);
  Task<> look_after(Id<Order> id);

  Ground const ground_;
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
};

}  // namespace balcao::products::orders

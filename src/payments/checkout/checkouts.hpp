#pragma once

#include <functional>

#include "contracts/products.hpp"
#include "payments/checkout/store.hpp"
#include "payments/clients/clients.hpp"
#include "payments/payment/attempts.hpp"

namespace balcao::payments {

/// Pages at the gateway, each made exactly once, with the payment that it is for. The intent comes into being there,
/// when someone pays, and is taken over by its metadata.
class Checkouts {
 public:
  /// What they are given must outlive them.
  struct Ground {
    CheckoutStore& store;
    PaymentStore& payment_store;
    Attempts& attempts;
    Clients& clients;
    Gateway& gateway;
    Messages& messages;
    IdempotencyKeys& keys;
    db::Database& database;
    Clock const& clock;
    std::function<contracts::Products&()> products;  ///< who has the orders
  };
  explicit Checkouts(Ground ground) : ground_(std::move(ground)) {}

  /// 201, or 202 while it is not known whether the gateway has made it. Problems: invalid_fields for a client that the
  /// gateway does not know, those of idempotency keys, gateway_refused, gateway_misconfigured, unavailable (all:
  /// nothing is done).
  Task<KeptAnswer> create(Actor actor, NewCheckoutPage wanted, KeyedRequest request);
  /// The same for what an order comes to; while its page is open, that one again. Problems besides: invalid_fields for
  /// an order that is not one's own, order_not_payable, order_being_paid.
  Task<KeptAnswer> create_for_order(Actor actor, OrderPage wanted, KeyedRequest request);
  /// Problem not_found, also for what is another's.
  Task<Checkout> find(Actor actor, Id<Checkout> id);

  /// Closes the page that a payment is made by, if it is open, and cancels the payment. Whether there was one. Problem
  /// payment_unexpected_state where someone was quicker and has paid.
  Task<bool> cancel(Payment payment);

  /// Takes over what the gateway says of a page.
  Task<> refresh(std::string gateway_id);
  /// Sees to pages that should have been made by now; a few at a time.
  Task<> recover();

 private:
  Task<KeptAnswer> make(Payment payment, Checkout checkout, KeyedRequest request);
  Task<KeptAnswer> go_on(KnownKey known, KeyedRequest request);
  Task<KeptAnswer> page_of(Payment payment, KeyedRequest request);
  Task<Checkout> see_through(Checkout checkout, bool fresh, std::optional<KeyedRequest> request);
  Task<std::optional<GatewayCheckout>> ask(Checkout checkout, bool fresh);
  Task<Checkout> settle(Checkout checkout, std::optional<GatewayCheckout> told, std::optional<KeyedRequest> request);
  Task<> undo(Checkout checkout);
  Task<> look_after(Id<Checkout> id);

  Ground const ground_;
};

}  // namespace balcao::payments

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contracts/pay_with.hpp"
#include "platform/http/endpoint.hpp"

namespace balcao::contracts {

class ServiceTokens;

/// A user as Auth announces him.
struct NewUser {
  Uuid id;
  std::string username;
};

/// A user's own customer at the payment gateway.
struct Customer {
  Uuid id;
  std::string status;                     ///< `pending`, `active` or `refused`
  std::optional<std::string> gateway_id;  ///< `cus_…`, once it is active
  Time created_at;
};

/// A payment in short.
struct Payment {
  Uuid id;
  std::int64_t amount;  ///< in the currency's minor unit
  std::string currency;
  std::string status;
  Time created_at;
};

/// What Payments knows of a user.
struct Account {
  std::optional<Customer> customer;
  std::vector<Payment> payments;  ///< the newest first, at most twenty
};

/// What an order comes to.
struct Bill {
  Uuid order;
  Uuid owner;           ///< who pays
  std::int64_t amount;  ///< in the currency's minor unit
  std::string currency;
  std::string description;
};

/// Why a payment was declined, or would not be made at all, in the gateway's codes.
struct PaymentFault {
  std::string code;
  std::string decline_code;  ///< may be empty
  std::string message;
};

/// The one payment of an order.
struct PaymentOfOrder {
  Uuid id;
  std::string status;  ///< as the API shows it: `unknown` while nobody knows
  std::int64_t amount_captured;
  std::int64_t amount_refunded;  ///< refunds that are pending included
  bool refund_pending;
  std::optional<PaymentFault> decline;
};

/// What has come of an order's payment.
struct Settlement {
  std::optional<PaymentOfOrder> payment;  ///< none where there is none (any more)
  std::optional<PaymentFault> refused;    ///< the gateway would not do what was asked, and nothing was done
};

/// What Payments does for the other services. From coroutines on any loop. Where Payments cannot be asked, every call
/// throws a Problem `unavailable`.
class Payments {
 public:
  virtual ~Payments() = default;

  /// Sees to it that the user has a customer at the gateway: one, however often it is asked. Returns once that is
  /// certain to happen, which may be before it has.
  virtual Task<> ensure_customer(NewUser user) = 0;

  /// Sees to it that what is known of a user who has been erased is erased there too, at the gateway as well; the books
  /// stay. Returns once that is certain to happen, however often it is asked.
  virtual Task<> forget_user(Uuid user) = 0;

  virtual Task<Account> account_of(Uuid user, http::Trace trace) = 0;

  /// Pays an order, exactly once however often it is asked. The status `unknown` is no failure: ask again. Where the
  /// order has been called off, its payment is `canceled`.
  virtual Task<Settlement> pay_order(Bill bill, PayWith with, std::optional<std::string> return_url) = 0;

  /// How the payment of an order is, whoever has made it.
  virtual Task<Settlement> payment_of_order(Uuid order) = 0;

  /// Sees to it that an order is not paid any more: once its payment is `canceled`, here and at the gateway, it can
  /// never be. Where it has been paid meanwhile, it is `succeeded`. Anything else is not decided yet: ask again.
  virtual Task<Settlement> call_off(Bill bill) = 0;

  /// Gives back all that is left of what was paid for an order: once for each `refund`, an id that the caller makes.
  virtual Task<Settlement> refund_order(Uuid order, Uuid refund) = 0;
};

/// Lets other processes ask `payments`, which must outlive the endpoints.
http::Endpoints endpoints(Payments& payments);

/// Asks the Payments of another process, at this address. `tokens` must outlive it. Throws std::invalid_argument for an
/// address that is none.
std::unique_ptr<Payments> remote_payments(std::string base_url, ServiceTokens const& tokens);

}  // namespace balcao::contracts

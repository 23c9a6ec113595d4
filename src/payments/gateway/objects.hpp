#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/json/value.hpp"
#include "platform/runtime/clock.hpp"

namespace balcao::payments {

/// The gateway's objects as Payments needs them. Ids are the gateway's; amounts are in the currency's minor unit,
/// currencies are codes in upper case.

/// Why a payment was refused, in the gateway's codes: `card_declined`, `insufficient_funds`.
struct Decline {
  std::string code;
  std::string decline_code;  ///< may be empty
  std::string message;
};

/// A charge; https://docs.stripe.com/api/charges.
struct Charge {
  std::string id;
  std::int64_t amount_captured = 0;
  std::int64_t amount_refunded = 0;
  std::optional<std::int64_t> fee;  ///< of its balance transaction, once there is one
};

/// A payment intent; https://docs.stripe.com/api/payment_intents.
struct Intent {
  enum class Status {
    requires_payment_method,
    requires_confirmation,
    requires_action,
    processing,
    requires_capture,
    canceled,
    succeeded,
  };

  std::string id;
  Status status = Status::requires_payment_method;
  std::int64_t amount = 0;
  std::int64_t amount_received = 0;
  std::string currency;
  std::string payment_id;                   ///< our id, from its metadata; empty where it is not of ours
  std::optional<std::string> method;        ///< `card`, `pix`, `boleto`: of its payment method, once it has one
  std::optional<json::Object> next_action;  ///< what the customer has to do, without secrets
  std::optional<Decline> last_error;
  std::optional<Charge> charge;  ///< the latest
  Time created_at;
};

/// A refund; https://docs.stripe.com/api/refunds.
struct GatewayRefund {
  enum class Status { pending, requires_action, succeeded, failed, canceled };

  std::string id;
  Status status = Status::pending;
  std::int64_t amount = 0;
  std::string currency;
  std::string intent;     ///< `pi_…`
  std::string refund_id;  ///< our id, from its metadata; empty where it was made elsewhere
  std::string failure_reason;
  Time created_at;
};

/// A dispute; https://docs.stripe.com/api/disputes. Its status says what it came to, an event's name does not.
struct GatewayDispute {
  std::string id;
  std::string status;
  std::string reason;
  std::int64_t amount = 0;
  std::string currency;
  std::string intent;
  Time created_at;
};

/// A page of the gateway's where someone pays; https://docs.stripe.com/api/checkout/sessions.
struct GatewayCheckout {
  std::string id;
  std::string url;     ///< empty once it is not open any more
  std::string status;  ///< `open`, `complete`, `expired`
  bool paid = false;
  std::string intent;      ///< may be empty while it is open
  std::string payment_id;  ///< our id, from its metadata
  Time expires_at;
};

/// What the gateway tells: that something has happened to an object; https://docs.stripe.com/api/events. What became
/// of the object is asked for, not read from here.
struct GatewayEvent {
  std::string id;
  std::string type;       ///< `payment_intent.succeeded`
  std::string object;     ///< the kind: `payment_intent`
  std::string object_id;  ///< `pi_…`
  std::string intent;     ///< the payment intent that the object belongs to, where it says so
  Time created_at;
};

/// A movement on our account at the gateway; https://docs.stripe.com/api/balance_transactions.
struct BalanceTransaction {
  std::string id;
  std::string type;    ///< `charge`, `payment`, `refund`, `adjustment`, …
  std::string source;  ///< the charge, refund or dispute
  std::int64_t amount = 0;
  std::int64_t fee = 0;
  std::string currency;
  Time created_at;
};

/// A customer; https://docs.stripe.com/api/customers.
struct GatewayCustomer {
  std::string id;
  bool deleted = false;
  std::string email = {};  ///< may be empty
  std::string name = {};
  std::string client_id = {};  ///< our id, from its metadata; empty where it was made elsewhere
  Time created_at = {};
};

}  // namespace balcao::payments

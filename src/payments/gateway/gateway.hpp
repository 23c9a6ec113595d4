#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "contracts/pay_with.hpp"
#include "payments/gateway/objects.hpp"
#include "platform/runtime/clock.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::payments {

/// What the gateway had to say against a request; https://docs.stripe.com/api/errors. What is not known is empty.
struct GatewayFault {
  int status = 0;                 ///< HTTP's
  std::string code = {};          ///< `payment_intent_unexpected_state`; the error's type where it names no code
  std::string decline_code = {};  ///< `insufficient_funds`
  std::string message = {};
  std::string param = {};       ///< which parameter it did not like
  std::string intent = {};      ///< `pi_…`, where the error names one
  std::string request_id = {};  ///< what the gateway's support asks for; may be logged
};

/// The gateway said no, and asking again would give the same answer.
class GatewayRefused : public std::runtime_error {
 public:
  enum class Reason { request, key };  ///< what it did not like: what was asked, or who asks
  GatewayRefused(Reason reason, GatewayFault fault)
      : std::runtime_error(fault.message), reason_(reason), fault_(std::move(fault)) {}
  Reason reason() const { return reason_; }
  std::string const& code() const { return fault_.code; }
  GatewayFault const& fault() const { return fault_; }

 private:
  Reason reason_;
  GatewayFault fault_;
};

/// Nobody knows what became of the request: it was cut off, timed out, or answered with a fault of the gateway's own.
/// Asking again with the same idempotency key is safe.
class GatewayUnknown : public std::runtime_error {
 public:
  /// `no`: the gateway has certainly done nothing, because nothing reached it or because it was too busy to begin.
  enum class Executed { no, unknown };
  explicit GatewayUnknown(std::string const& what, Executed executed = Executed::unknown)
      : std::runtime_error(what), executed_(executed) {}
  Executed executed() const { return executed_; }

 private:
  Executed executed_;
};

/// The gateway keeps an idempotency key for 24 hours; after that the same key would do it once more, so nothing is sent
/// again, and it is only asked what has become of it.
inline constexpr std::chrono::hours key_life{23};

struct NewCustomer {
  std::optional<std::string> email;
  std::string name;
  std::string client_id;  ///< our id, kept in the customer's metadata
  Time created_at;        ///< of our row: the gateway's customer is not older
};

using contracts::Billing;

struct NewIntent {
  std::int64_t amount = 0;
  std::string currency;
  std::string payment_id;  ///< our id, kept in the intent's metadata
  bool manual_capture = false;
  std::optional<std::string> customer = {};  ///< `cus_…`
  std::optional<std::string> description = {};
  std::string method_type;                         ///< `card`, `pix`, `boleto`
  std::optional<std::string> payment_method = {};  ///< `pm_…`
  std::optional<Billing> billing = {};             ///< makes the payment method of Pix and boleto
};

struct NewRefund {
  std::string intent;
  std::int64_t amount = 0;
  std::optional<std::string> reason = {};  ///< `duplicate`, `fraudulent`, `requested_by_customer`
  std::string refund_id;                   ///< our id, kept in the refund's metadata
};

struct NewCheckout {
  std::int64_t amount = 0;
  std::string currency;
  std::string name;        ///< of what is paid for
  std::string payment_id;  ///< our id, kept in the metadata of the page and of the intent that it makes
  bool manual_capture = false;
  std::optional<std::string> customer = {};
  std::string success_url;
  std::string cancel_url;
  Time expires_at;  ///< 30 minutes to 24 hours from now
};

/// A payment gateway. From coroutines on any loop; every call has a deadline. Throws GatewayRefused and GatewayUnknown.
///
/// What changes something takes an idempotency key: for 24 hours the same key gives the first call's outcome again.
/// What looks for one thing gives none only where the gateway has said that there is none. A list is whole, the newest
/// first; where it would be longer than 50 000 the code of the refusal is `list_too_long`, and less can be asked for.
class Gateway {
 public:
  virtual ~Gateway() = default;

  /// Makes a customer, once for each idempotency key, and gives its id.
  virtual Task<std::string> create_customer(NewCustomer customer, std::string idempotency_key) = 0;
  /// Changes what is given. An empty text removes what was there.
  virtual Task<> update_customer(std::string gateway_id, std::optional<std::string> email,
                                 std::optional<std::string> name, std::string idempotency_key) = 0;
  /// Deletes a customer, what was paid stays; one that is not there is fine.
  virtual Task<> delete_customer(std::string gateway_id) = 0;
  /// The id of the customer that was made for `customer.client_id`, if there is one: for when the gateway may have
  /// forgotten the idempotency key.
  virtual Task<std::optional<std::string>> find_customer(NewCustomer customer) = 0;
  /// Also one that was deleted, of which it says only that.
  virtual Task<std::optional<GatewayCustomer>> get_customer(std::string gateway_id) = 0;
  /// Those made since, without the deleted.
  virtual Task<std::vector<GatewayCustomer>> list_customers(Time from) = 0;

  /// Makes an intent without confirming it: no money can move.
  virtual Task<Intent> create_intent(NewIntent intent, std::string idempotency_key) = 0;
  /// A decline is an answer: the intent says it in `last_error`. `return_url` is where the customer comes back to from
  /// what he has to do elsewhere.
  virtual Task<Intent> confirm_intent(std::string id, std::optional<std::string> payment_method,
                                      std::optional<std::string> return_url, std::string idempotency_key) = 0;
  /// Takes `amount`, or all, of what is held; the rest is released.
  virtual Task<Intent> capture_intent(std::string id, std::optional<std::int64_t> amount,
                                      std::string idempotency_key) = 0;
  virtual Task<Intent> cancel_intent(std::string id, std::string idempotency_key) = 0;
  virtual Task<std::optional<Intent>> find_intent(std::string id) = 0;
  /// The intent made for a payment, not before `not_before`, by our clock.
  virtual Task<std::optional<Intent>> find_intent_of(std::string payment_id, Time not_before) = 0;
  /// Those made from `from` on and before `until`, by the gateway's clock, which counts in seconds.
  virtual Task<std::vector<Intent>> list_intents(Time from, Time until) = 0;

  virtual Task<GatewayRefund> create_refund(NewRefund refund, std::string idempotency_key) = 0;
  virtual Task<std::optional<GatewayRefund>> find_refund(std::string id) = 0;
  /// The refund of an intent that was made for our `refund_id`.
  virtual Task<std::optional<GatewayRefund>> find_refund_of(std::string intent, std::string refund_id) = 0;
  virtual Task<std::vector<GatewayRefund>> list_refunds(std::string intent) = 0;

  virtual Task<std::optional<GatewayDispute>> find_dispute(std::string id) = 0;
  virtual Task<std::vector<GatewayDispute>> list_disputes(Time from) = 0;

  virtual Task<GatewayCheckout> create_checkout(NewCheckout checkout, std::string idempotency_key) = 0;
  virtual Task<std::optional<GatewayCheckout>> find_checkout(std::string id) = 0;
  /// The page made for a payment, not before `not_before`, by our clock.
  virtual Task<std::optional<GatewayCheckout>> find_checkout_of(std::string payment_id, Time not_before) = 0;
  /// One that is not open any more is fine.
  virtual Task<> expire_checkout(std::string id, std::string idempotency_key) = 0;

  /// What has happened since; the gateway keeps it for 30 days. `type` may end in `.*`. `undelivered`: only those of
  /// which no webhook has been told.
  virtual Task<std::vector<GatewayEvent>> list_events(Time from, std::optional<std::string> type, bool undelivered) = 0;
  /// Those made from `from` on and before `until`, by the gateway's clock.
  virtual Task<std::vector<BalanceTransaction>> list_balance_transactions(Time from, Time until) = 0;
};

}  // namespace balcao::payments

#pragma once

#include <functional>
#include <optional>

#include "sandbox/checkout/sessions.hpp"
#include "sandbox/payment_intents/payment_intents.hpp"

namespace balcao::sandbox::hosted {

using objects::Object;

/// The pages that customers are sent to, and their pictures:
///
///     /_sandbox/checkout/{session}      what is sold, and the ways to pay
///     /_sandbox/pay/{intent}            3-D Secure, Pix or boleto of an intent
///     /_sandbox/pix/{intent}.svg|png    the QR code of a Pix
///
/// Whoever knows an id, which nobody guesses, may act on it, as with a link that is sent to a customer.
class Pages {
 public:
  /// Makes an outcome true: decides, stores, tells.
  using CarryOut = std::function<Task<http::Response>(std::function<Task<Outcome>(Time)>)>;

  Pages(db::Database& database, checkout::Sessions& sessions, payment_intents::PaymentIntents& intents,
        CarryOut carry_out)
      : objects_(database), sessions_(sessions), intents_(intents), carry_out_(std::move(carry_out)) {}

  /// Nothing for a path that is no page's.
  Task<std::optional<http::Response>> answer(http::Request const& request);

 private:
  Task<http::Response> checkout(http::Request const& request, std::string id);
  Task<http::Response> pay(http::Request const& request, std::string id);
  Task<http::Response> picture(http::Request const& request, std::string name);

  Task<http::Response> begin_payment(Object session, std::string way);
  Task<http::Response> act(Object intent, std::optional<Object> session, payment_intents::Action action);
  Task<std::optional<Object>> intent_of(std::string id);

  objects::Store objects_;
  checkout::Sessions& sessions_;
  payment_intents::PaymentIntents& intents_;
  CarryOut const carry_out_;
};

}  // namespace balcao::sandbox::hosted

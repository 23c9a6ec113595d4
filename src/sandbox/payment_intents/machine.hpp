#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/jobs/jobs.hpp"
#include "sandbox/objects/changes.hpp"

/// The state machine of https://docs.stripe.com/payments/paymentintents/lifecycle. It knows no database: what becomes
/// of an intent is said to `Changes`. What returns an error has changed what the error implies and nothing else: a
/// declined card's charge is there, and an intent that is in another state is as it was.
namespace balcao::sandbox::payment_intents {

using objects::Changes;
using objects::Object;

/// What the machine needs beside the objects.
struct Setting {
  Time now;
  std::string_view address;  ///< of the hosted pages: `http://127.0.0.1:12111`
  jobs::Jobs const& jobs;
};

/// What a confirmation says beside the payment method.
struct Terms {
  bool off_session = false;  ///< the customer is not there to authenticate
  bool error_on_requires_action = false;
  std::optional<std::string> return_url{};
};

/// What happens outside the API: the customer acts, or time does.
enum class Action { succeed, fail, expire };

std::optional<Action> parse_action(std::string_view name);
std::string_view name_of(Action action);

/// What tells one attempt to pay an intent from another.
struct Attempt {
  std::string method;           ///< the payment method's id
  std::int64_t expires_at = 0;  ///< of a Pix or a boleto that is waited for, in unix seconds

  bool operator==(Attempt const&) const = default;
};

/// The attempt that is under way.
Attempt attempt_of(Object const& intent);

/// Whether an intent in this state may be given another payment method, amount or currency.
bool may_change(Object const& intent);

/// Pays, or says what the customer has to do. 402 for a card that is declined.
std::optional<ApiError> confirm(Object& intent, Object const& method, Terms const& terms, Changes& changes,
                                Setting const& setting);

/// Takes `amount` of what is reserved by `charge`.
std::optional<ApiError> capture(Object& intent, Object& charge, std::int64_t amount, Changes& changes,
                                Setting const& setting);

/// `charge` is what reserves money, if there is any.
std::optional<ApiError> cancel(Object& intent, Object* charge, json::Value reason, Changes& changes,
                               Setting const& setting);

/// `charge` is the one that was made and not yet paid or captured, if there is one.
std::optional<ApiError> act(Object& intent, Object const& method, Object* charge, Action action, Changes& changes,
                            Setting const& setting);

/// 400 `payment_intent_unexpected_state`; `doing` is `confirm`, `capture`, …
ApiError unexpected_state(Object const& intent, std::string_view doing);

}  // namespace balcao::sandbox::payment_intents

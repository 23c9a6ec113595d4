#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sandbox/objects/object.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox::checkout {

using objects::Object;

/// A new Checkout Session, and the plan beside it: what the API does not show of it by itself.
struct NewSession {
  Object session;
  Object plan;
};

/// Takes what `create` can say, and throws for what cannot be sold. The plan holds the line items and what the intent
/// will be made of. `address` is where the sandbox's own pages are.
NewSession read_new(Parameters& parameters, Time now, std::string const& address);

/// The id of a session's plan.
std::string plan_of(std::string const& session);

/// What the session's intent is to be made of, as the parameters of POST /v1/payment_intents.
Parameters intent_parameters(Object const& session, Object const& plan);

/// Where the customer goes afterwards: the address with `{CHECKOUT_SESSION_ID}` filled in.
std::string success_url(Object const& session);

/// What the session becomes with its intent as it is now: the type of the event that tells it; nothing where the
/// session stays as it is.
std::optional<std::string> advance(Object& session, json::Object const& intent);

/// It is over, unpaid.
void expire(Object& session);

}  // namespace balcao::sandbox::checkout

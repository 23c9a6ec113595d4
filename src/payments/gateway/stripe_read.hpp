#pragma once

#include "payments/gateway/objects.hpp"
#include "platform/json/value.hpp"

namespace balcao::payments {

/// Stripe's objects out of its JSON. The gateway adds members, kinds and values without notice, so none of it makes
/// reading fail: what is not understood is left out, and a status that we do not know counts as one that is not final.
/// Only an object without an id is none: GatewayUnknown.

std::string text_at(json::Object const& object, std::string_view name);
/// The point in time at `name`, in unix seconds.
Time time_at(json::Object const& object, std::string_view name);
/// The object at `name`, or an empty one.
json::Object const& object_at(json::Object const& object, std::string_view name);
/// The id at `name`, where the object itself may be instead (https://docs.stripe.com/api/expanding_objects).
std::string id_at(json::Object const& object, std::string_view name);

Intent read_intent(json::Object const& object);
GatewayRefund read_refund(json::Object const& object);
GatewayDispute read_dispute(json::Object const& object);
GatewayCheckout read_checkout(json::Object const& object);
GatewayEvent read_event(json::Object const& object);
BalanceTransaction read_balance_transaction(json::Object const& object);
GatewayCustomer read_customer(json::Object const& object);

}  // namespace balcao::payments

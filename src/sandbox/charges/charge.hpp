#pragma once

#include "sandbox/objects/changes.hpp"
#include "sandbox/payment_methods/test_cards.hpp"

namespace balcao::sandbox::charges {

using objects::Changes;
using objects::Object;

/// A charge for an intent: not paid yet, of the intent's whole amount. It becomes the intent's latest.
Object& open(Object& intent, Object const& method, Changes& changes, Time now);

/// The bank agrees; the money is reserved.
void authorize(Object& charge);
/// The reserved money is taken: `amount` of it, the rest is released. Books it.
void capture(Object& charge, std::int64_t amount, Changes& changes, Time now);
/// The reserved money is released whole.
void release(Object& charge);
/// The bank says no, in the card's words or the network's.
void refuse(Object& charge, std::string_view code, std::string_view decline_code, std::string_view message);

/// The card that was charged; nullptr for Pix and boletos.
payment_methods::TestCard const* card_of(Object const& charge);

}  // namespace balcao::sandbox::charges

#pragma once

#include "sandbox/payment_intents/machine.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox::payment_intents {

/// A new intent as the parameters of `create` describe it, without a payment method. Throws for what no intent can be.
Object read_new(Parameters& parameters, Time now);

/// Takes what `update` can change. The amount, the currency and the types can change while nothing is reserved or paid.
void apply_update(Parameters& parameters, Object& intent);

/// Takes what `confirm` can change.
void apply_confirmation(Parameters& parameters, Object& intent);

/// Takes how to confirm.
Terms read_terms(Parameters& parameters);

}  // namespace balcao::sandbox::payment_intents

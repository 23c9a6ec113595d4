#pragma once

#include "sandbox/objects/object.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox::payment_intents {

/// `payment_method_types` or `automatic_payment_methods`: what may pay an intent. Where neither is said, everything
/// that its currency allows, redirects included.
void apply_types(Parameters& parameters, objects::Object& intent);

/// `payment_method_options`: how long a Pix and a boleto are good.
void apply_options(Parameters& parameters, objects::Object& intent);

}  // namespace balcao::sandbox::payment_intents

#pragma once

#include <string>

#include "platform/json/value.hpp"
#include "platform/runtime/clock.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox::customers {

/// A customer of whom nothing is said yet.
json::Object blank_resource(std::string const& id, Time now);
/// What is left of a deleted one.
json::Object deleted_resource(std::string const& id);

/// Takes what `create` and `update` have in common out of the parameters, and puts it into the customer.
void apply(Parameters& parameters, json::Object& resource);

/// `tax_id_data`: the customer's tax ids, as the API shows them.
json::Array read_tax_ids(Parameters& parameters, std::string const& customer, Time now);

}  // namespace balcao::sandbox::customers

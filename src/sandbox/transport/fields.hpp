#pragma once

#include <string_view>

#include "platform/json/value.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox {

/// The members of an address; those that were not sent are null.
json::Value read_address(Parameters address);

/// `metadata[key]=` removes one key, `metadata=` all of them.
void apply_metadata(Parameters& parameters, json::Object& resource);

/// A member that is an e-mail address; throws `email_invalid` for what is none.
void apply_email(Parameters& parameters, json::Object& resource, std::string_view name = "email");

enum class Parcel { unknown, tracked };

/// `shipping`; of a tracked parcel it also knows the carrier and the number.
void apply_shipping(Parameters& parameters, json::Object& resource, Parcel parcel = Parcel::unknown);

}  // namespace balcao::sandbox

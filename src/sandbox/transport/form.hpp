#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "platform/json/value.hpp"
#include "sandbox/transport/api_error.hpp"

namespace balcao::sandbox {

/// Parameters as they were sent, from a body or a query: every member is a text, or again such an object. An array is
/// an object with the members "0", "1", …, since only who reads it knows whether `metadata[0]` is a key or a place.
using Form = json::Object;

/// Reads `a=1&b[c]=2&d[0]=3&d[]=4`, brackets raw or percent-encoded. A name that comes twice: the last one counts.
/// Refuses broken encoding, what is no UTF-8 or holds U+0000, more than 8 levels and more than 1000 values.
std::expected<Form, ApiError> parse_form(std::string_view text);

/// The same text for the same parameters, in whatever order they were sent.
std::string canonical_text(json::Value const& parameters);

}  // namespace balcao::sandbox

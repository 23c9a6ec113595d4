#pragma once

#include <optional>
#include <string>

#include "sandbox/transport/api_error.hpp"

namespace balcao::sandbox {

/// What keeps a request out; nothing for one that carries the secret key, as `Bearer` or as the user of `Basic`. Where
/// no key is set, every `sk_test_…` is one.
std::optional<ApiError> refuse_credentials(http::Request const& request, std::optional<std::string> const& secret_key);

}  // namespace balcao::sandbox

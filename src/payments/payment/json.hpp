#pragma once

#include <string>

namespace balcao::payments {

struct Payment;

/// A payment as clients and integrators see it, as a JSON object.
std::string to_json(Payment const& payment);

}  // namespace balcao::payments

#pragma once

#include <string>

#include "platform/http/endpoint.hpp"

namespace balcao::http {

/// The OpenAPI 3.1 document of the endpoints, as JSON text: generated from the same declarations that answer.
std::string openapi(Endpoints const& endpoints, std::string_view version);

}  // namespace balcao::http

#pragma once

#include <atomic>

#include "app/storage.hpp"
#include "platform/http/endpoint.hpp"

namespace balcao::app {

/// The program's version, as CMake has it.
std::string_view version();

/// What the endpoints about the process itself stand on: /livez, /readyz, /version, /openapi.json.
struct System {
  Storage* storage = nullptr;  ///< none: nothing to be ready for
  std::atomic<bool> draining = false;
  http::StoredResponse live;
  http::StoredResponse openapi;
};

/// Those endpoints; `system` must outlive them.
http::Endpoints endpoints(System& system);

/// The document of `endpoints`, ready to be sent.
http::StoredResponse openapi_response(http::Endpoints const& endpoints);

}  // namespace balcao::app

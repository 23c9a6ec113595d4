#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "app/storage.hpp"
#include "platform/http/endpoint.hpp"
#include "platform/jobs/isolation.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::app {

/// The program's version, as CMake has it.
std::string_view version();

/// What the endpoints about the process itself stand on.
struct System {
  System();

  Storage* storage = nullptr;             ///< none: nothing to be ready for
  shared::SharedState* shared = nullptr;  ///< the same
  std::atomic<bool> started = false;      ///< the schemas are up to date and the services run
  std::atomic<bool> draining = false;
  /// What is set aside because the process died each time it was worked on: its kinds, and how many of each.
  std::function<Task<std::vector<jobs::SetAside>>()> set_aside;
  http::StoredResponse live;
  http::StoredResponse openapi;
};

/// /livez, /readyz, /version, /openapi.json; `system` must outlive them.
http::Endpoints endpoints(System& system);

/// The document, ready to be sent.
http::StoredResponse openapi_response(std::string document);

}  // namespace balcao::app

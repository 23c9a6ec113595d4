#include "platform/runtime/recovery.hpp"

#include "platform/telemetry/log.hpp"

namespace balcao::recovery {

Task<> see_to(Task<> work, std::string what, std::string id) {
  try {
    co_await std::move(work);
  } catch (std::exception const& error) {
    log::warn("something could not be seen through", {{"what", what}, {"id", id}, {"cause", error.what()}});
  }
}

}  // namespace balcao::recovery

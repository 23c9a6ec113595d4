#include "products/catalog/announcement.hpp"

#include "platform/db/database.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::products {

Announcement::~Announcement() {
  if (!announce_) return;
  try {
    announce_();
  } catch (std::exception const& error) {  // what is kept has its greatest age all the same
    log::error("a change of the catalog was not announced", {{"error", error.what()}});
  }
}

/// As db::Database promises: what it refuses, and what the engine fails, has changed nothing. An UnknownOutcome is a
/// problem of another type.
bool Announcement::wrote_nothing(std::exception_ptr const& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (Problem const& problem) {
    return problem.type().code == problems::unavailable.code;
  } catch (db::Error const&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace balcao::products

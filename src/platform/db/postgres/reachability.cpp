#include "platform/db/postgres/reachability.hpp"

#include <utility>

#include "platform/telemetry/log.hpp"

namespace balcao::db::postgres {

void Reachability::failed(std::string reason) {
  reason_ = std::move(reason);
  if (std::exchange(logged_, reason_) == reason_) return;
  log::warn("database_unreachable", {{"cause", reason_}});
}

void Reachability::lost(Connection const& connection, Backoff& backoff) {
  auto const answered_at = connection.first_answer();
  if (!answered_at) return failed("a connection was lost before its first answer");
  backoff.connected(*answered_at);
  if (std::chrono::steady_clock::now() - *answered_at > Backoff::settled) {
    logged_.clear();
  } else {
    failed("a connection was lost right after its first answer");
  }
}

}  // namespace balcao::db::postgres

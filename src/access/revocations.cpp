#include "access/revocations.hpp"

#include <algorithm>
#include <mutex>

namespace balcao::access {

void Revocations::add(Uuid const& session, Time until) {
  std::unique_lock const lock(mutex_);
  auto& known = until_[session];
  known = std::max(known, until);
  size_ = until_.size();
}

bool Revocations::contains(Uuid const& session) const {
  if (size_ == 0) return false;
  std::shared_lock const lock(mutex_);
  return until_.contains(session);
}

void Revocations::purge(Time now) {
  std::unique_lock const lock(mutex_);
  std::erase_if(until_, [now](auto const& entry) { return entry.second <= now; });
  size_ = until_.size();
}

}  // namespace balcao::access

#include "access/revocations.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

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
  constexpr std::size_t portion = 4096;
  for (std::size_t bucket = 0;; bucket += portion) {
    // Every request asks, on every loop: a million of them must not wait until all have been looked at.
    std::unique_lock const lock(mutex_);
    auto const end = std::min(bucket + portion, until_.bucket_count());
    std::vector<Uuid> over;
    for (auto each = bucket; each < end; ++each) {
      for (auto entry = until_.cbegin(each); entry != until_.cend(each); ++entry) {
        if (entry->second <= now) over.push_back(entry->first);
      }
    }
    for (auto const& session : over) until_.erase(session);
    size_ = until_.size();
    if (end >= until_.bucket_count()) return;
  }
}

}  // namespace balcao::access

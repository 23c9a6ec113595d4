#pragma once

#include <atomic>
#include <shared_mutex>
#include <unordered_map>

#include "platform/id.hpp"

namespace balcao::access {

/// The sessions that have ended while access tokens of theirs may still live. Kept in memory in every process; the
/// database is the truth that it is loaded from. Safe from any thread.
class Revocations {
 public:
  /// `until` is when the session's last access token has expired, from where on it need not be remembered.
  void add(Uuid const& session, Time until);
  bool contains(Uuid const& session) const;
  /// Forgets those whose time is over.
  void purge(Time now);

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<Uuid, Time> until_;
  std::atomic<std::size_t> size_ = 0;  ///< so that the common case, none at all, takes no lock
};

}  // namespace balcao::access

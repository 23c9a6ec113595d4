#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace balcao::jobs {

/// How often in a row a process may die while it has the same item, before the item is set aside.
inline constexpr int max_deaths = 5;
/// For how long; then it is tried once more, and set aside again where the process dies again.
inline constexpr std::chrono::hours time_set_aside{24};

/// Keeps the items of a dead process apart. Each of them may have killed it, so from then on they run one at a time in
/// the whole process, whatever their kind, until they have come to an end: only the guilty one reaches `max_deaths`.
class Isolation {
 public:
  /// Held while such an item runs.
  using Place = std::shared_ptr<void>;

  /// None while another such item runs in this process, and none for whoever had the last one while others wait: they
  /// ask again and again, and one with many slow items must not keep them out. `who` is any address of the caller's.
  /// From any thread.
  static Place try_take(void const* who);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  /// Everybody asks at least once a second, so who has not asked for so long does not wait any more.
  static constexpr std::chrono::seconds time_waiting{3};

  static inline std::mutex mutex_;
  static inline bool taken_ = false;
  static inline void const* last_ = nullptr;
  static inline std::map<void const*, SteadyTime> waiting_;  ///< since when, of those that were refused
};

inline Isolation::Place Isolation::try_take(void const* who) {
  auto const now = std::chrono::steady_clock::now();
  std::lock_guard const lock(mutex_);
  std::erase_if(waiting_, [now](auto const& entry) { return entry.second < now - time_waiting; });
  waiting_.erase(who);
  if (taken_ || (who == last_ && !waiting_.empty())) {
    if (taken_) waiting_.emplace(who, now);
    return nullptr;
  }
  taken_ = true;
  last_ = who;
  return {&taken_, [](bool* taken) {
            std::lock_guard const again(mutex_);
            *taken = false;
          }};
}

/// How many items of a kind are set aside.
struct SetAside {
  std::string kind;
  std::int64_t count;
};

}  // namespace balcao::jobs

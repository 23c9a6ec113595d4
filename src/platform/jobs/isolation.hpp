#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
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

  /// None while another such item runs in this process. From any thread.
  static Place try_take();

 private:
  static inline std::atomic<bool> taken_ = false;
};

inline Isolation::Place Isolation::try_take() {
  if (taken_.exchange(true)) return nullptr;
  return {&taken_, [](std::atomic<bool>* taken) { *taken = false; }};
}

/// How many items of a kind are set aside.
struct SetAside {
  std::string kind;
  std::int64_t count;
};

}  // namespace balcao::jobs

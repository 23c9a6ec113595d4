#include "platform/shared/memory/memory.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace balcao::shared::memory {
namespace {

class Memory final : public SharedState {
 public:
  Memory(Clock const& clock, std::size_t max_keys) : clock_(clock), max_keys_(max_keys) {}

  Task<Count> count(std::string key, std::int64_t amount, std::chrono::seconds window) override {
    co_return raise(std::move(key), amount, window);
  }

  Task<> ping() override { co_return; }

 private:
  Count raise(std::string key, std::int64_t amount, std::chrono::seconds window) {
    std::lock_guard const lock(mutex_);
    auto const now = clock_.now();
    if (counts_.size() >= max_keys_) make_room(now);
    auto& count = counts_.try_emplace(std::move(key), Count{0, now + window}).first->second;
    if (count.window_end <= now) count = {0, now + window};
    count.value += amount;
    return count;
  }

  void make_room(Time now) {
    std::erase_if(counts_, [now](auto const& entry) { return entry.second.window_end <= now; });
    if (counts_.size() < max_keys_) return;
    std::vector<Time> ends;
    ends.reserve(counts_.size());
    for (auto const& [key, count] : counts_) ends.push_back(count.window_end);
    auto const middle = ends.begin() + static_cast<std::ptrdiff_t>(ends.size() / 2);
    std::ranges::nth_element(ends, middle);
    std::erase_if(counts_, [end = *middle](auto const& entry) { return entry.second.window_end <= end; });
  }

  Clock const& clock_;
  std::size_t const max_keys_;
  std::mutex mutex_;  // held for a look-up at a time, never over a wait
  std::unordered_map<std::string, Count> counts_;
};

}  // namespace

std::unique_ptr<SharedState> make(Clock const& clock, std::size_t max_keys) {
  return std::make_unique<Memory>(clock, max_keys);
}

}  // namespace balcao::shared::memory

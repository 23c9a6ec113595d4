#include "platform/shared/memory/memory.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace balcao::shared::memory {
namespace {

namespace asio = boost::asio;

struct Subscriber {
  std::string channel;
  std::weak_ptr<Listener> listener;
};

/// What a subscriber throws counts as a missed message: it is told to load the truth.
void deliver(Listener& listener, std::string_view message) {
  try {
    listener.receive(message);
  } catch (std::exception const&) {
    listener.resumed();
  }
}

class Memory final : public SharedState {
 public:
  Memory(Clock const& clock, asio::io_context* loop, std::size_t max_keys)
      : clock_(clock), loop_(loop), max_keys_(max_keys) {}

  Task<Count> count(std::string key, std::int64_t amount, std::chrono::seconds window) override {
    co_return raise(std::move(key), amount, window);
  }

  Task<> publish(std::string channel, std::string message) override {
    if (message.size() > max_message_bytes) throw std::length_error("a message larger than 64 KiB");
    std::lock_guard const lock(mutex_);
    auto const shared_message = std::make_shared<std::string const>(std::move(message));
    for (auto const& subscriber : subscribers_) {
      if (subscriber.channel != channel) continue;
      asio::post(*loop_, [weak = subscriber.listener, shared_message] {
        if (auto const listener = weak.lock()) deliver(*listener, *shared_message);
      });
    }
    co_return;
  }

  Subscription subscribe(std::string channel, Listener::Receive receive, Listener::Resumed resumed) override {
    if (!loop_) return {};
    auto const listener = std::make_shared<Listener>(std::move(receive), std::move(resumed));
    std::lock_guard const lock(mutex_);
    std::erase_if(subscribers_, [](auto const& subscriber) { return subscriber.listener.expired(); });
    subscribers_.push_back({std::move(channel), listener});
    asio::post(*loop_, [weak = std::weak_ptr(listener)] {
      if (auto const subscribed = weak.lock()) subscribed->resumed();
    });
    return Subscription(listener);
  }

  bool current() const override { return true; }

  Task<> ping() override { co_return; }

 private:
  Count raise(std::string key, std::int64_t amount, std::chrono::seconds window) {
    std::lock_guard const lock(mutex_);
    auto const now = clock_.now();
    if (counts_.size() >= max_keys_) make_room(now);
    auto& count = counts_.try_emplace(std::move(key), Count{0, now + window}).first->second;
    if (count.window_end <= now) count = {0, now + window};
    count.value = std::max<std::int64_t>(0, count.value + amount);
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
  asio::io_context* const loop_;  ///< where subscribers are called; null where there are none
  std::size_t const max_keys_;
  std::mutex mutex_;  // held for a look-up at a time, never over a wait
  std::unordered_map<std::string, Count> counts_;
  std::vector<Subscriber> subscribers_;
};

}  // namespace

std::unique_ptr<SharedState> make(Clock const& clock, Loops& loops, std::size_t max_keys) {
  return std::make_unique<Memory>(clock, &loops[0], max_keys);
}

std::unique_ptr<SharedState> make(Clock const& clock, std::size_t max_keys) {
  return std::make_unique<Memory>(clock, nullptr, max_keys);
}

}  // namespace balcao::shared::memory

#include "platform/shared/memory/memory.hpp"

#include <boost/asio/post.hpp>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "platform/shared/memory/counters.hpp"

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
  Memory(Clock const& clock, asio::io_context* loop, std::size_t max_per_kind)
      : clock_(clock), loop_(loop), counters_(max_per_kind) {}

  Task<Count> count(std::string key, std::int64_t amount, std::chrono::seconds window) override {
    std::lock_guard const lock(mutex_);
    co_return counters_.add(key, amount, window, clock_.now());
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
  Clock const& clock_;
  asio::io_context* const loop_;  ///< where subscribers are called; null where there are none
  std::mutex mutex_;              // held for a look-up at a time, never over a wait
  Counters counters_;
  std::vector<Subscriber> subscribers_;
};

}  // namespace

std::unique_ptr<SharedState> make(Clock const& clock, Loops& loops, std::size_t max_per_kind) {
  return std::make_unique<Memory>(clock, &loops[0], max_per_kind);
}

std::unique_ptr<SharedState> make(Clock const& clock, std::size_t max_per_kind) {
  return std::make_unique<Memory>(clock, nullptr, max_per_kind);
}

}  // namespace balcao::shared::memory

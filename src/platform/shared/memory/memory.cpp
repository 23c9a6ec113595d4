#include "platform/shared/memory/memory.hpp"

#include <boost/asio/post.hpp>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "platform/shared/memory/counters.hpp"

namespace balcao::shared::memory {
namespace {

namespace asio = boost::asio;

struct Subscription {
  std::string channel;
  std::function<void(std::string_view)> receive;
  std::function<void()> resumed;
};

/// What a subscriber throws counts as a missed message: it is told to load the truth.
void deliver(Subscription const& subscription, std::string_view message) {
  try {
    subscription.receive(message);
  } catch (std::exception const&) {
    subscription.resumed();
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
    for (auto const& subscription : subscriptions_) {
      if (subscription->channel != channel) continue;
      asio::post(*loop_, [weak = std::weak_ptr(subscription), shared_message] {
        if (auto const living = weak.lock()) deliver(*living, *shared_message);
      });
    }
    co_return;
  }

  void subscribe(std::string channel, std::function<void(std::string_view)> receive,
                 std::function<void()> resumed) override {
    if (!loop_) return;
    std::lock_guard const lock(mutex_);
    subscriptions_.push_back(
        std::make_shared<Subscription>(std::move(channel), std::move(receive), std::move(resumed)));
    asio::post(*loop_, [weak = std::weak_ptr(subscriptions_.back())] {
      if (auto const living = weak.lock()) living->resumed();
    });
  }

  bool current() const override { return true; }

  Task<> ping() override { co_return; }

 private:
  Clock const& clock_;
  asio::io_context* const loop_;  ///< where subscribers are called; null where there are none
  std::mutex mutex_;              // held for a look-up at a time, never over a wait
  Counters counters_;
  std::vector<std::shared_ptr<Subscription const>> subscriptions_;
};

}  // namespace

std::unique_ptr<SharedState> make(Clock const& clock, Loops& loops, std::size_t max_per_kind) {
  return std::make_unique<Memory>(clock, &loops[0], max_per_kind);
}

std::unique_ptr<SharedState> make(Clock const& clock, std::size_t max_per_kind) {
  return std::make_unique<Memory>(clock, nullptr, max_per_kind);
}

}  // namespace balcao::shared::memory

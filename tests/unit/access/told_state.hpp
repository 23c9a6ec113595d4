#pragma once

#include <memory>
#include <vector>

#include "platform/shared/shared_state.hpp"

namespace balcao::access::test {

/// Shared state whose messages and interruptions come when a test says so.
class ToldState final : public shared::SharedState {
 public:
  Task<shared::Count> count(std::string, std::int64_t amount, std::chrono::seconds) override {
    co_return shared::Count{amount, Time{}};
  }
  Task<> publish(std::string channel, std::string message) override {
    if (refuses) throw overloaded("away", "longe");
    deliver(channel, message);
    co_return;
  }
  shared::Subscription subscribe(std::string channel, shared::Listener::Receive receive,
                                 shared::Listener::Resumed resumed) override {
    auto const listener = std::make_shared<shared::Listener>(std::move(receive), std::move(resumed));
    subscribers.push_back({std::move(channel), listener});
    return shared::Subscription(listener);
  }
  bool current() const override { return is_current; }
  Task<> ping() override { co_return; }

  void deliver(std::string const& channel, std::string_view message) {
    for (auto const& [name, listener] : subscribers) {
      auto const subscribed = name == channel ? listener.lock() : nullptr;
      if (subscribed) subscribed->receive(message);
    }
  }
  void resume() {
    for (auto const& [name, listener] : subscribers) {
      if (auto const subscribed = listener.lock()) subscribed->resumed();
    }
    is_current = true;
  }

  bool is_current = true;
  bool refuses = false;
  struct Subscriber {
    std::string channel;
    std::weak_ptr<shared::Listener> listener;
  };
  std::vector<Subscriber> subscribers;
};

}  // namespace balcao::access::test

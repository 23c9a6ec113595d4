#pragma once

#include <map>

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
    ++published;
    deliver(channel, message);
    co_return;
  }
  void subscribe(std::string channel, std::function<void(std::string_view)> receive,
                 std::function<void()> resumed) override {
    receivers[channel] = std::move(receive);
    resumptions.push_back(std::move(resumed));
  }
  bool current() const override { return is_current; }
  Task<> ping() override { co_return; }

  void deliver(std::string const& channel, std::string_view message) { receivers.at(channel)(message); }
  void resume() {
    for (auto const& resumed : resumptions) resumed();
    is_current = true;
  }

  bool is_current = true;
  bool refuses = false;
  int published = 0;
  std::map<std::string, std::function<void(std::string_view)>> receivers;
  std::vector<std::function<void()>> resumptions;
};

}  // namespace balcao::access::test

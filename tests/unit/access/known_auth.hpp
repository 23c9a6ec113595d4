#pragma once

#include <map>

#include "contracts/auth.hpp"

namespace balcao::access::test {

/// An Auth that knows what a test tells it.
class KnownAuth final : public contracts::Auth {
 public:
  Task<contracts::EndedSessions> ended_sessions(Time since) override {
    if (is_away) throw overloaded("away", "longe");
    contracts::EndedSessions all{{}, as_of, contracts::digest_of(keys)};
    for (auto const& [session, ended_at] : ended) {
      if (ended_at >= since) all.sessions.push_back({session, ended_at + token_life});
    }
    ++looks;
    co_return all;
  }
  Task<bool> is_open(Uuid session, http::Trace trace) override {
    traces.push_back(trace.trace_id);
    if (is_away) throw overloaded("away", "longe");
    co_return !ended.contains(session);
  }
  Task<contracts::KeySet> key_set() override {
    ++key_requests;
    if (is_away || keys_are_away) throw overloaded("away", "longe");
    co_return keys;
  }

  static constexpr std::chrono::minutes token_life{15};

  bool is_away = false;
  bool keys_are_away = false;
  Time as_of{};
  contracts::KeySet keys{{"https://shop.example"}, R"({"keys":[]})"};
  int key_requests = 0;
  int looks = 0;
  std::map<Uuid, Time> ended;
  std::vector<std::string> traces;  ///< of the questions about one session
};

}  // namespace balcao::access::test

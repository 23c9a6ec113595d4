#pragma once

#include <map>

#include "contracts/auth.hpp"

namespace balcao::access::test {

/// An Auth that knows what a test tells it.
class KnownAuth final : public contracts::Auth {
 public:
  Task<contracts::EndedSessions> ended_sessions(Time since) override {
    if (is_away) throw overloaded("away", "longe");
    contracts::EndedSessions all{{}, as_of};
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
  Task<std::string> key_set() override { co_return R"({"keys":[]})"; }

  static constexpr std::chrono::minutes token_life{15};

  bool is_away = false;
  Time as_of{};
  int looks = 0;
  std::map<Uuid, Time> ended;
  std::vector<std::string> traces;  ///< of the questions about one session
};

}  // namespace balcao::access::test

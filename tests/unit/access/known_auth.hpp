#pragma once

#include <algorithm>
#include <map>

#include "contracts/auth.hpp"

namespace balcao::access::test {

/// An Auth that knows what a test tells it.
class KnownAuth final : public contracts::Auth {
 public:
  Task<contracts::EndedSessions> ended_sessions(contracts::EndedSessionsCursor from) override {
    if (is_away) throw overloaded("away", "longe");
    std::vector<contracts::EndedSessionsCursor> order;
    for (auto const& [session, ended_at] : ended) {
      if (contracts::EndedSessionsCursor const at{ended_at, session}; at > from) order.push_back(at);
    }
    std::ranges::sort(order);
    contracts::EndedSessions page{{}, as_of, contracts::digest_of(keys)};
    for (auto const& [ended_at, session] : order) {
      page.sessions.push_back({session, ended_at + token_life});
      if (page.sessions.size() < page_size) continue;
      page.next = leads_back ? from : contracts::EndedSessionsCursor{ended_at, session};
      break;
    }
    ++looks;
    co_return page;
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

  std::size_t page_size = 1000;
  bool leads_back = false;  ///< the next page is said to be the same again
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

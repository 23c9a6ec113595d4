#include "auth/sessions/endings.hpp"

#include "access/announcements.hpp"

namespace balcao::auth {

Task<> Endings::announce(std::vector<Id<Session>> ended) {
  auto const until = clock_.now() + settings_.access_token_life;
  std::vector<contracts::EndedSession> news;
  for (auto const& session : ended) {
    revocations_.add(session.uuid, until);
    news.push_back({session.uuid, until});
  }
  co_await access::announce(shared_, std::move(news));
}

}  // namespace balcao::auth

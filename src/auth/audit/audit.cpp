#include "auth/audit/audit.hpp"

namespace balcao::auth {

db::Call Audit::entry(Event event, Actor const& actor, std::optional<Id<User>> user, std::string details) const {
  auto const now = clock_.now();
  return store_.insert({Id<AuditEntry>::make(now), now, std::string(to_string(event)), actor.user, user,
                        actor.origin.address, actor.origin.user_agent, std::move(details)});
}

db::Call Audit::entry_of_session(Event event, Id<Session> session, Origin const& origin) const {
  auto const now = clock_.now();
  return store_.insert_of_session(
      {Id<AuditEntry>::make(now), now, std::string(to_string(event)), {}, {}, origin.address, origin.user_agent, "{}"},
      session);
}

db::Call Audit::entry_of_surplus(Event event, Session const& opened, std::size_t max_open, Origin const& origin) const {
  auto const now = clock_.now();
  return store_.insert_of_surplus({Id<AuditEntry>::make(now), now, std::string(to_string(event)), opened.user,
                                   opened.user, origin.address, origin.user_agent, "{}"},
                                  opened.id, max_open);
}

Task<> Audit::record(Event event, Actor actor, std::optional<Id<User>> user, std::string details) {
  co_await store_.run(entry(event, actor, user, std::move(details)));
}

}  // namespace balcao::auth

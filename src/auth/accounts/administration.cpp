#include "auth/accounts/administration.hpp"

#include "auth/accounts/accounts.hpp"

namespace balcao::auth {

Task<User> Administration::find(Username username) {
  auto const found = co_await ground_.store.list({.username = username.str()});
  if (found.empty()) require_done({Changed::Outcome::no_such_user});
  co_return found.front();
}

Task<> Administration::set_role(Actor actor, Id<User> user, Role role) {
  auto const now = co_await ground_.store.find_user(user);
  if (!now) require_done({Changed::Outcome::no_such_user});
  if (now->role == role) co_return;
  if (now->role == Role::service) {
    throw Problem(balcao::problems::invalid_fields)
        .with_faults(
            {{"/role",
              {"A service account has scopes, and no role.", "Uma conta de serviço tem escopos, e nenhum papel."}}});
  }
  auto audit =
      ground_.audit.entry(Event::role_changed, actor, user, R"({"role":")" + std::string(to_string(role)) + R"("})");
  auto changed = co_await ground_.store.set_role(user, role, ground_.clock.now(), std::move(audit));
  require_done(changed);
  co_await ground_.endings.announce(std::move(changed.ended));
}

Task<> Administration::set_disabled(Actor actor, Id<User> user, bool disabled) {
  auto audit = ground_.audit.entry(disabled ? Event::disabled : Event::enabled, actor, user);
  auto changed = co_await ground_.store.set_disabled(user, disabled, ground_.clock.now(), std::move(audit));
  require_done(changed);
  co_await ground_.endings.announce(std::move(changed.ended));
}

}  // namespace balcao::auth

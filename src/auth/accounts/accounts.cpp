#include "auth/accounts/accounts.hpp"

#include <algorithm>

#include "auth/limits/networks.hpp"
#include "platform/fields.hpp"

namespace balcao::auth {
namespace {

Problem no_such_user() {
  return Problem(balcao::problems::not_found, {"There is no such user.", "Não existe este usuário."});
}

Problem username_taken() {
  return Problem(problems::username_taken,
                 {"Another user has this name. Choose another.", "Outro usuário tem este nome. Escolha outro."});
}

std::string to_lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return text;
}

}  // namespace

void require_done(Changed const& changed) {
  if (changed.outcome == Changed::Outcome::no_such_user) throw no_such_user();
  if (changed.outcome == Changed::Outcome::last_administrator) {
    throw Problem(problems::last_administrator,
                  {"Make another user an administrator first.", "Torne antes outro usuário administrador."});
  }
}

Task<std::string> Accounts::hash(std::string username, NewPassword password, std::string pointer, WorkShare share) {
  if (detail::count_code_points(password.str()) < ground_.settings.password_min_length) {
    auto const least = std::to_string(ground_.settings.password_min_length);
    throw invalid_field(
        pointer, {"It must have at least " + least + " characters.", "Deve ter no mínimo " + least + " caracteres."});
  }
  if (to_lower(password.str()) == username) {
    throw invalid_field(pointer, {"It must not be the username.", "Não pode ser o nome de usuário."});
  }
  if (co_await ground_.passwords.is_common(password.str(), share)) {
    throw invalid_field(pointer, {"It is one of the passwords that are guessed first. Choose another.",
                                  "É uma das senhas que se tentam primeiro. Escolha outra."});
  }
  co_return co_await ground_.passwords.hash(password.str(), std::move(share));
}

Task<User> Accounts::register_user(Username username, NewPassword password, Role role, Origin origin) {
  // Logins go first: who registers can wait, and may be a stranger who registers again and again.
  WorkShare share{WorkShare::Urgency::last, widest_network(origin.address), {}};
  auto hash = co_await this->hash(username.str(), password, "/password", std::move(share));
  auto const now = ground_.clock.now();
  User user{Id<User>::make(now), username.str(), role, false, now};
  std::vector<db::Call> then;
  then.push_back(ground_.jobs.enqueue(customer_job, user.id.str(), ""));
  then.push_back(ground_.audit.entry(Event::registered, {user.id, origin}, user.id));
  if (!co_await ground_.store.insert_user(user, std::move(hash), std::move(then))) throw username_taken();
  ground_.jobs.wake();
  co_return user;
}

Task<User> Accounts::make_first_administrator(Username username, NewPassword password, Origin origin) {
  auto hash = co_await this->hash(username.str(), password, "/password", {});
  auto const now = ground_.clock.now();
  User user{Id<User>::make(now), username.str(), Role::admin, false, now};
  std::vector<db::Call> then;
  then.push_back(ground_.jobs.enqueue(customer_job, user.id.str(), ""));
  then.push_back(ground_.audit.entry(Event::first_administrator_made, {{}, origin}, user.id));
  then.push_back(AccountStore::remove_setup_links());
  if (!co_await ground_.store.insert_first_administrator(user, std::move(hash), std::move(then))) {
    if (!co_await ground_.store.has_administrator()) throw username_taken();
    throw Problem(balcao::problems::forbidden, {"There is an administrator already.", "Já existe um administrador."});
  }
  ground_.jobs.wake();
  co_return user;
}

Task<User> Accounts::find(Id<User> id) {
  auto const user = co_await ground_.store.find_user(id);
  if (!user) throw no_such_user();
  co_return *user;
}

Task<> Accounts::change_password(Credentials proven, NewPassword password, std::string pointer, Id<Session> current,
                                 Origin origin) {
  WorkShare share{WorkShare::Urgency::normal, widest_network(origin.address), proven.user.username};
  auto new_hash = co_await hash(proven.user.username, password, std::move(pointer), std::move(share));
  auto const user = proven.user.id;
  auto audit = ground_.audit.entry(Event::password_changed, {user, origin}, user);
  auto ended = co_await ground_.store.change_password(std::move(proven), std::move(new_hash), current,
                                                      ground_.clock.now(), std::move(audit));
  if (!ended) throw Problem(problems::invalid_credentials);
  co_await ground_.endings.announce(std::move(*ended));
}

Task<> Accounts::erase(Actor actor, Id<User> user, std::vector<db::Call> then) {
  then.push_back(ground_.jobs.enqueue(forget_job, user.str(), ""));
  then.push_back(ground_.audit.entry(Event::erased, actor, user));
  auto changed = co_await ground_.store.erase(user, ground_.clock.now(), std::move(then));
  require_done(changed);
  ground_.jobs.wake();
  co_await ground_.endings.announce(std::move(changed.ended));
}

}  // namespace balcao::auth

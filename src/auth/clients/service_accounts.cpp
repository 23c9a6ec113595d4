#include "auth/clients/service_accounts.hpp"

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"

namespace balcao::auth {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t hash_bytes = 32;

Problem no_such_account() {
  return Problem(balcao::problems::not_found,
                 {"There is no such service account.", "Não existe esta conta de serviço."});
}

std::string scope_details(std::string const& scope) { return R"({"scope":")" + scope + R"("})"; }

}  // namespace

Task<WithSecret> ServiceAccounts::create(Username name, std::vector<Scope> scopes, Actor actor) {
  auto const now = ground_.clock.now();
  WithSecret made{{Id<User>::make(now), name.str(), false, join(scopes), now, now}, crypto::random_token(secret_bytes)};
  auto entry =
      ground_.audit.entry(Event::service_account_made, actor, made.account.id, scope_details(made.account.scope));
  if (!co_await ground_.store.insert(made.account, crypto::sha256(made.secret), std::move(entry))) {
    throw Problem(problems::username_taken,
                  {"Another user has this name. Choose another.", "Outro usuário tem este nome. Escolha outro."});
  }
  co_return made;
}

Task<ServiceAccount> ServiceAccounts::find(Id<User> id) {
  auto found = co_await ground_.store.find(id);
  if (!found) throw no_such_account();
  co_return std::move(found->account);
}

Task<ServiceAccount> ServiceAccounts::set_scopes(Id<User> id, std::vector<Scope> scopes, Actor actor) {
  auto const now = ground_.clock.now();
  auto const scope = join(scopes);
  auto entry = ground_.audit.entry(Event::service_account_changed, actor, id, scope_details(scope));
  auto ended = co_await ground_.store.set_scope(id, scope, now, std::move(entry));
  if (!ended) throw no_such_account();
  co_await ground_.endings.announce(std::move(*ended));
  co_return co_await find(id);
}

Task<WithSecret> ServiceAccounts::new_secret(Id<User> id, Actor actor) {
  auto const now = ground_.clock.now();
  auto secret = crypto::random_token(secret_bytes);
  auto entry = ground_.audit.entry(Event::service_account_secret_changed, actor, id);
  auto ended = co_await ground_.store.set_secret(id, crypto::sha256(secret), now, std::move(entry));
  if (!ended) throw no_such_account();
  co_await ground_.endings.announce(std::move(*ended));
  co_return WithSecret{co_await find(id), std::move(secret)};
}

Task<std::optional<ClientState>> ServiceAccounts::authenticate(std::string client_id, std::string secret,
                                                               Origin origin) {
  auto const id = Id<User>::parse(client_id);
  auto const attempt = co_await ground_.attempts.count(id ? "client:" + id->str() : std::string(), origin);
  // By device, not for all: a client_id is no secret, and whoever knows it could lock the program out. A secret of 256
  // bits is not guessed meanwhile.
  if (attempt.device_locked) throw too_many_attempts(attempt);

  auto found = id ? co_await ground_.attempts.check(attempt, ground_.store.find(*id)) : std::nullopt;
  // What is unknown costs the same comparison.
  auto const expected = found ? found->secret_hash : std::string(hash_bytes, '\0');
  bool const right = crypto::equal_in_constant_time(crypto::sha256(secret), expected);
  if (right && found && !found->account.disabled) {
    co_await ground_.attempts.take_back(attempt);
    co_return found;
  }
  co_await ground_.audit.record(Event::service_account_refused, {{}, std::move(origin)}, found ? id : std::nullopt);
  co_return std::nullopt;
}

}  // namespace balcao::auth

#include "auth/login/login.hpp"

namespace balcao::auth {
namespace {

Problem invalid_credentials() {
  return Problem(problems::invalid_credentials,
                 {"Check the username and the password.", "Confira o nome de usuário e a senha."});
}

}  // namespace

Task<Tokens> Login::log_in(std::string username, std::string password, Origin origin, std::optional<std::string> code) {
  auto const credentials = co_await prove(std::move(username), std::move(password), origin);
  co_await require_second_factor(credentials.user.id, std::move(code), origin);
  auto tokens = co_await ground_.sessions.open(credentials, origin);
  // Between the check and here the password was changed, or the user disabled.
  if (!tokens) throw invalid_credentials();
  co_return *std::move(tokens);
}

Task<> Login::require_second_factor(Id<User> user, std::optional<std::string> code, Origin origin) {
  auto const outcome = co_await ground_.second_factors.check(user, std::move(code), {{}, std::move(origin)});
  if (outcome == SecondFactorOutcome::wrong) throw invalid_credentials();
  if (outcome != SecondFactorOutcome::required) co_return;
  throw Problem(problems::second_factor_required,
                {"Send a code of the app, or a recovery code, as `code`.",
                 "Envie um código do aplicativo, ou um código de recuperação, como `code`."});
}

Task<Credentials> Login::prove(std::string username, std::string password, Origin origin) {
  auto const name = Username::parse(username);
  auto const known_name = name ? name->str() : std::string();
  auto attempt = co_await ground_.attempts.count(known_name, origin);
  auto const since = ground_.clock.now() - device_memory;
  auto [found, known_device] =
      co_await ground_.attempts.check(attempt, ground_.accounts.find_login(known_name, device_hash(origin), since));
  co_await admit(attempt, known_device, origin);

  // A device that its owner has used goes first: others' guesses must not keep them waiting.
  auto const urgency = known_device ? WorkShare::Urgency::first : WorkShare::Urgency::normal;
  WorkShare const share{urgency, widest_network(origin.address), known_name};
  bool const right = co_await is_right(found, password, attempt, share);
  if (!right || found->user.disabled) {
    auto const user = found ? std::optional(found->user.id) : std::nullopt;
    co_await ground_.audit.record(Event::login_failed, {{}, origin}, user);
    throw with_rate_limit(invalid_credentials(), attempt);
  }
  co_await ground_.attempts.take_back(attempt);
  co_await refresh_hash(*found, std::move(password), share);
  co_return *std::move(found);
}

/// Throws where there have been too many guesses.
Task<> Login::admit(Attempt attempt, bool known_device, Origin origin) {
  if (!attempt.network_locked && !attempt.account_locked && !attempt.device_locked) co_return;
  if (known_device && !attempt.device_locked) co_return;
  if (attempt.first_locked) co_await ground_.audit.record(Event::login_locked, {{}, origin}, {});
  throw too_many_attempts(attempt);
}

Task<bool> Login::is_right(std::optional<Credentials> const& found, std::string password, Attempt attempt,
                           WorkShare share) {
  auto& passwords = ground_.passwords;
  auto verification = found ? passwords.verify(std::move(password), found->password_hash, std::move(share))
                            : passwords.verify_nobodys(std::move(password), std::move(share));
  co_return co_await ground_.attempts.check(std::move(attempt), std::move(verification));
}

Task<> Login::refresh_hash(Credentials& credentials, std::string password, WorkShare share) {
  if (!ground_.passwords.needs_rehash(credentials.password_hash)) co_return;
  auto stronger = co_await ground_.passwords.hash(password, share);
  auto const& [user, old_hash] = credentials;
  if (co_await ground_.accounts.replace_password_hash(user.id, old_hash, stronger, ground_.clock.now())) {
    credentials.password_hash = std::move(stronger);
    co_return;
  }
  // Another login was quicker, whose hash is of the same password; or the password was changed, and a session opened
  // with the old hash will be refused.
  auto current = co_await ground_.accounts.find_credentials(user.username);
  if (current && co_await ground_.passwords.verify(std::move(password), current->password_hash, std::move(share))) {
    credentials = *std::move(current);
  }
}

}  // namespace balcao::auth

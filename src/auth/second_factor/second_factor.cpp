#include "auth/second_factor/second_factor.hpp"

#include <stdexcept>

#include "auth/second_factor/recovery_codes.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/crypto/qr_code.hpp"
#include "platform/crypto/random.hpp"
#include "platform/crypto/totp.hpp"

namespace balcao::auth {
namespace {

namespace totp = crypto::totp;

constexpr std::string_view issuer = "Balcão";  ///< what an app shows beside the username
constexpr std::size_t secret_size = 20;        ///< RFC 4226 §4

Problem nothing_there() {
  return Problem(balcao::problems::not_found, {"There is no second factor.", "Não há segundo fator."});
}

Problem already_enrolled() {
  return Problem(problems::second_factor_enrolled,
                 {"Remove it first to enrol another.", "Remova-o antes de cadastrar outro."});
}

Problem wrong_code() {
  return Problem(balcao::problems::invalid_fields)
      .with_faults({{"/code", {"It is wrong, or has been used.", "Está errado, ou já foi usado."}}});
}

std::string context_of(Id<User> user) { return "totp:" + user.str(); }

/// Apps show the six digits in groups.
std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

std::vector<std::string> hashes_of(std::vector<std::string> const& codes, std::string_view secret) {
  std::vector<std::string> hashes;
  for (auto const& code : codes) {
    hashes.push_back(recovery_codes::hash_of(recovery_codes::parse(code).value(), secret));
  }
  return hashes;
}

}  // namespace

Task<Enrolment> SecondFactors::begin(Id<User> user) {
  auto const found = co_await ground_.accounts.find_user(user);
  if (!found) throw Problem(balcao::problems::not_found);
  auto const secret = crypto::random_bytes(secret_size);
  if (!co_await ground_.store.begin(user, seal(user, secret), ground_.clock.now())) throw already_enrolled();
  auto address = totp::otpauth_uri(issuer, found->username, secret);
  auto picture = crypto::qr_code_svg(address);
  co_return Enrolment{crypto::to_base32(secret), std::move(address), std::move(picture)};
}

Task<std::vector<std::string>> SecondFactors::confirm(Id<User> user, std::string code, Actor actor) {
  auto const factor = co_await ground_.store.find(user);
  if (!factor) throw nothing_there();
  if (factor->confirmed_at) throw already_enrolled();
  auto const attempt = co_await count_guess(user, actor);
  auto const now = ground_.clock.now();
  auto const secret = open(user, factor->secret);
  auto const step = totp::verify(secret, without_spaces(std::move(code)), now, factor->last_step);
  if (!step) throw wrong_code();
  co_await ground_.attempts.take_back(attempt);
  auto codes = recovery_codes::make();
  auto audit = ground_.audit.entry(Event::second_factor_enrolled, actor, user);
  bool const confirmed =
      co_await ground_.store.confirm(user, factor->secret, *step, hashes_of(codes, secret), now, std::move(audit));
  if (!confirmed) throw wrong_code();  // of a secret that another has replaced, or another has confirmed with it
  co_return codes;
}

Task<SecondFactorStatus> SecondFactors::status(Id<User> user) {
  auto const factor = co_await ground_.store.find(user);
  if (!factor || !factor->confirmed_at) co_return SecondFactorStatus{};
  co_return SecondFactorStatus{factor->confirmed_at, co_await ground_.store.recovery_codes_left(user)};
}

Task<std::vector<std::string>> SecondFactors::renew_recovery_codes(Id<User> user, std::string code, Actor actor) {
  auto const factor = co_await find_confirmed(user);
  co_await require_code(user, factor, std::move(code), actor);
  auto codes = recovery_codes::make();
  co_await ground_.store.replace_recovery_codes(user, hashes_of(codes, open(user, factor.secret)), ground_.clock.now(),
                                                ground_.audit.entry(Event::recovery_codes_made, actor, user));
  co_return codes;
}

Task<> SecondFactors::remove(Id<User> user, std::string code, Actor actor) {
  auto const factor = co_await find_confirmed(user);
  co_await require_code(user, factor, std::move(code), actor);
  co_await reset(user, std::move(actor));
}

Task<> SecondFactors::reset(Id<User> user, Actor actor) {
  auto audit = ground_.audit.entry(Event::second_factor_removed, actor, user);
  if (!co_await ground_.store.remove(user, std::move(audit))) throw nothing_there();
}

Task<> SecondFactors::renew_seals() {
  if (!ground_.sealer) co_return;
  constexpr std::size_t at_once = 100;
  for (std::optional<Id<User>> after;;) {
    auto const some = co_await ground_.store.secrets(after, at_once);
    for (auto const& [user, stored] : some) {
      if (stored.sealed && ground_.sealer->is_current(stored.bytes)) continue;
      if (auto const secret = open_if_possible(user, stored)) {
        co_await ground_.store.reseal(user, stored, seal(user, *secret));
      }
    }
    if (some.size() < at_once) co_return;
    after = some.back().user;
  }
}

Task<SecondFactorOutcome> SecondFactors::check(Id<User> user, std::optional<std::string> code, Actor actor) {
  using enum SecondFactorOutcome;
  auto const factor = co_await ground_.store.find(user);
  if (!factor || !factor->confirmed_at) co_return not_enrolled;
  if (!code) co_return required;
  co_return co_await accepts(user, *factor, std::move(*code), std::move(actor)) ? passed : wrong;
}

Task<StoredFactor> SecondFactors::find_confirmed(Id<User> user) {
  auto const factor = co_await ground_.store.find(user);
  if (!factor || !factor->confirmed_at) throw nothing_there();
  co_return *factor;
}

Task<> SecondFactors::require_code(Id<User> user, StoredFactor factor, std::string code, Actor actor) {
  if (!co_await accepts(user, std::move(factor), std::move(code), std::move(actor))) throw wrong_code();
}

Task<bool> SecondFactors::accepts(Id<User> user, StoredFactor factor, std::string code, Actor actor) {
  auto const attempt = co_await count_guess(user, actor);
  auto const secret = open(user, factor.secret);
  auto using_up = uses_up(user, std::move(factor), secret, std::move(code), actor);
  if (!co_await ground_.attempts.check(attempt, std::move(using_up))) {
    co_await ground_.audit.record(Event::second_factor_failed, std::move(actor), user);
    co_return false;
  }
  co_await ground_.attempts.take_back(attempt);
  co_return true;
}

Task<bool> SecondFactors::uses_up(Id<User> user, StoredFactor factor, std::string secret, std::string code,
                                  Actor actor) {
  auto const now = ground_.clock.now();
  if (auto const recovery_code = recovery_codes::parse(code)) {
    co_return co_await ground_.store.use_recovery_code(user, recovery_codes::hash_of(*recovery_code, secret), now,
                                                       ground_.audit.entry(Event::recovery_code_used, actor, user));
  }
  auto const step = totp::verify(secret, without_spaces(std::move(code)), now, factor.last_step);
  co_return step&& co_await ground_.store.accept_step(user, *step);
}

Task<Attempt> SecondFactors::count_guess(Id<User> user, Actor actor) {
  // No username has a colon.
  auto const account = "second-factor:" + user.str();
  auto attempt = co_await ground_.attempts.count(account, actor.origin);
  // The password was right: neighbours' guesses at others do not shut this user out, the account's own limit stays.
  if (attempt.network_locked) co_await ground_.attempts.count_account(attempt, account);
  if (!attempt.account_locked && !attempt.device_locked) co_return attempt;
  if (attempt.first_locked) co_await ground_.audit.record(Event::login_locked, std::move(actor), user);
  throw too_many_attempts(attempt);
}

StoredSecret SecondFactors::seal(Id<User> user, std::string const& secret) const {
  if (!ground_.sealer) return {secret, false};
  return {ground_.sealer->seal(secret, context_of(user)), true};
}

std::optional<std::string> SecondFactors::open_if_possible(Id<User> user, StoredSecret const& stored) const {
  if (!stored.sealed) return stored.bytes;
  return ground_.sealer ? ground_.sealer->open(stored.bytes, context_of(user)) : std::nullopt;
}

std::string SecondFactors::open(Id<User> user, StoredSecret const& stored) const {
  auto secret = open_if_possible(user, stored);
  if (!secret) throw std::runtime_error("a second factor's secret does not open: its KEY_ENCRYPTION_KEY is not here");
  return *std::move(secret);
}

}  // namespace balcao::auth

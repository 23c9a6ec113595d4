#include "auth/accounts/accounts.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "access/revocation_feed.hpp"
#include "platform/crypto/common_password.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/crypto/password.hpp"
#include "platform/fields.hpp"

namespace balcao::auth {
namespace {

/// A hash that no password has, of the usual cost: what an unknown user's password is checked against.
constexpr std::string_view nobodys_hash =
    "$argon2id$v=19$m=19456,t=2,p=1$YmFsY2FvLW5vYm9keS0wMQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

Problem weak(Text detail) {
  return Problem(balcao::problems::invalid_fields).with_faults({{"/password", std::move(detail)}});
}

Problem too_many(Time now, Time window_end) {
  auto const wait = std::chrono::ceil<std::chrono::seconds>(window_end - now).count();
  return Problem(balcao::problems::too_many_requests,
                 {"Too many failed logins. Try again later.", "Muitas tentativas de login falharam. Tente mais tarde."})
      .with_header("Retry-After", std::to_string(std::max<std::int64_t>(1, wait)));
}

/// A process that counts alone takes a quarter of the limit for itself: what the others count it does not see.
bool is_over(shared::Count const& count, std::int64_t limit) {
  constexpr std::int64_t processes = 4;
  return count.value > (count.local ? std::max<std::int64_t>(1, limit / processes) : limit);
}

Problem no_such_user() {
  return Problem(balcao::problems::not_found, {"There is no such user.", "Não existe este usuário."});
}

}  // namespace

std::string address_group(std::string_view address) {
  constexpr std::size_t network_bytes = 8;
  std::string const text(address.substr(0, address.find('%')));
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::string(address);
  return crypto::to_hex({bytes.data(), network_bytes}) + "/64";
}

Task<User> Accounts::register_user(Username username, NewPassword password, Role role) {
  if (detail::count_code_points(password.str()) < settings_.password_min_length) {
    auto const least = std::to_string(settings_.password_min_length);
    throw weak({"It must have at least " + least + " characters.", "Deve ter no mínimo " + least + " caracteres."});
  }
  std::string folded = password.str();
  std::ranges::transform(folded, folded.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  if (folded == username.str()) {
    throw weak({"It must not be the username.", "Não pode ser o nome de usuário."});
  }
  auto const hash = co_await workers_.run([&]() -> std::optional<std::string> {
    if (crypto::is_common_password(password.str())) return std::nullopt;
    return crypto::hash_password(password.str());
  });
  if (!hash) {
    throw weak({"It is one of the passwords that are guessed first. Choose another.",
                "É uma das senhas que se tentam primeiro. Escolha outra."});
  }

  auto const now = clock_.now();
  User user{Id<User>::make(now), username.str(), role, false, now};
  auto enqueue = jobs_.enqueue(customer_job, user.id.str(), "");
  if (!co_await store_.insert_user(user, *hash, std::move(enqueue))) {
    throw Problem(problems::username_taken,
                  {"Another user has this name. Choose another.", "Outro usuário tem este nome. Escolha outro."});
  }
  jobs_.wake();
  co_return user;
}

Task<User> Accounts::authenticate(std::string username, std::string password, std::string address) {
  auto const name = Username::parse(username);
  auto const account_key = "login:account:" + (name ? name->str() : std::string("-"));
  auto const address_key = "login:address:" + address_group(address);
  auto const now = clock_.now();
  // The address first: one that is over its limit must not fill the counters' bounded memory with made-up names.
  auto const by_address = co_await shared_.count(address_key, 1, settings_.attempt_window);
  if (is_over(by_address, settings_.attempts_per_address)) throw too_many(now, by_address.window_end);
  auto const by_account = co_await shared_.count(account_key, 1, settings_.attempt_window);
  if (name && is_over(by_account, settings_.attempts_per_account)) throw too_many(now, by_account.window_end);

  auto const found = co_await store_.find_credentials(name ? name->str() : std::string());
  auto const hash = found ? found->password_hash : std::string(nobodys_hash);
  bool const right = co_await workers_.run([&] { return crypto::verify_password(password, hash); });
  if (!right || !found || found->user.disabled) {
    throw Problem(problems::invalid_credentials,
                  {"Check the username and the password.", "Confira o nome de usuário e a senha."});
  }

  co_await shared_.count(account_key, -1, settings_.attempt_window);
  co_await shared_.count(address_key, -1, settings_.attempt_window);
  if (crypto::needs_rehash(hash)) {
    auto const stronger = co_await workers_.run([&] { return crypto::hash_password(password); });
    co_await store_.set_password_hash(found->user.id, stronger, now);
  }
  co_return found->user;
}

Task<User> Accounts::find(Id<User> id) {
  auto const user = co_await store_.find_user(id);
  if (!user) throw no_such_user();
  co_return *user;
}

Task<> Accounts::set_role(Username username, Role role) {
  if (!co_await store_.set_role(username.str(), role, clock_.now())) throw no_such_user();
}

Task<> Accounts::set_disabled(Username username, bool disabled) {
  auto const now = clock_.now();
  auto const ended = co_await store_.set_disabled(username.str(), disabled, now);
  if (!ended) throw no_such_user();
  std::vector<contracts::EndedSession> sessions;
  for (auto const& session : *ended) sessions.push_back({session.uuid, now + settings_.access_token_life});
  co_await access::announce(shared_, std::move(sessions));
}

}  // namespace balcao::auth

#include "auth/accounts/setup.hpp"

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"

namespace balcao::auth {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::chrono::hours link_life{24};

}  // namespace

Task<std::optional<std::string>> Setup::make_link() {
  if (co_await store_.has_administrator()) co_return std::nullopt;
  auto secret = crypto::random_token(secret_bytes);
  auto const now = clock_.now();
  co_await store_.insert_setup_link(crypto::sha256(secret), now + link_life, now);
  co_return secret;
}

Task<bool> Setup::is_open(std::string secret) {
  bool const known = co_await store_.has_setup_link(crypto::sha256(secret), clock_.now());
  co_return known && !co_await store_.has_administrator();
}

Task<User> Setup::use(std::string secret, Username username, NewPassword password, Origin origin) {
  if (!co_await is_open(std::move(secret))) {
    throw Problem(balcao::problems::forbidden, {"This link is over. Start the server anew to get another.",
                                                "Este link não vale mais. Reinicie o servidor para obter outro."});
  }
  co_return co_await accounts_.make_first_administrator(std::move(username), std::move(password), std::move(origin));
}

Task<bool> Setup::ensure_administrator(Username username, NewPassword password) {
  if (co_await store_.has_administrator()) co_return false;
  std::optional<Problem> refused;
  try {
    co_await accounts_.make_first_administrator(std::move(username), std::move(password), Actor::command_line().origin);
    co_return true;
  } catch (Problem const& problem) {
    refused = problem;
  }
  if (!co_await store_.has_administrator()) throw *std::move(refused);
  co_return false;  // another process was quicker
}

}  // namespace balcao::auth

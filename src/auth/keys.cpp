#include "auth/auth.hpp"

namespace balcao::auth {

Task<std::vector<jwt::Key>> load_keys(Store& store, std::optional<std::string> jwt_secret, Clock const& clock) {
  if (jwt_secret) co_return std::vector{jwt::Key::hs256(*jwt_secret)};

  auto stored = co_await store.signing_keys();
  if (stored.empty()) {
    auto const key = jwt::Key::generate_ed25519();
    co_await store.insert_first_key({key.kid(), key.private_bytes()}, clock.now());
    stored = co_await store.signing_keys();
  }
  std::vector<jwt::Key> keys;
  for (auto const& key : stored) keys.push_back(jwt::Key::ed25519(key.kid, key.private_bytes));
  co_return keys;
}

std::string jwks(std::vector<jwt::Key> const& keys) {
  std::string set = R"({"keys":[)";
  for (auto const& key : keys) {
    auto const jwk = key.public_jwk();
    if (jwk.empty()) continue;
    if (!set.ends_with('[')) set += ',';
    set += jwk;
  }
  return set + "]}";
}

}  // namespace balcao::auth

#include "auth/keys/safe.hpp"

namespace balcao::auth {
namespace {

std::string context_of(std::string const& kid) { return "signing-key:" + kid; }

}  // namespace

std::size_t signing_at(std::span<SigningKey const> keys, Time now) {
  std::size_t signing = 0;
  for (std::size_t i = 1; i < keys.size() && keys[i].signs_from <= now; ++i) signing = i;
  return signing;
}

SealedKey::SealedKey(std::string const& kid)
    : std::runtime_error("KEY_ENCRYPTION_KEY: it does not open the signing key " + kid +
                         " in Auth's database; set the one that sealed it (several, separated by commas, open what any "
                         "of them sealed), or, where that is lost, make a new key with: balcao keys rotate --revoke") {}

KeySafe::KeySafe(std::vector<std::string> const& encryption_keys) {
  if (!encryption_keys.empty()) sealer_.emplace(encryption_keys);
}

SigningKey KeySafe::put(jwt::Key const& key, Time signs_from) const {
  auto bytes = key.private_bytes();
  if (sealer_) bytes = sealer_->seal(bytes, context_of(key.kid()));
  return {key.kid(), key.algorithm(), std::move(bytes), sealer_.has_value(), signs_from};
}

std::optional<jwt::Key> KeySafe::take(SigningKey const& stored) const {
  auto bytes = std::optional(stored.private_key);
  if (stored.sealed) bytes = sealer_ ? sealer_->open(stored.private_key, context_of(stored.kid)) : std::nullopt;
  if (!bytes) return std::nullopt;
  return jwt::Key::from_private(stored.algorithm, stored.kid, *bytes);
}

std::optional<SigningKey> KeySafe::renew(SigningKey const& stored) const {
  if (!sealer_ || (stored.sealed && sealer_->is_current(stored.private_key))) return std::nullopt;
  auto const key = take(stored);
  return key ? std::optional(put(*key, stored.signs_from)) : std::nullopt;
}

}  // namespace balcao::auth

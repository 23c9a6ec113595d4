#include "auth/keys/safe.hpp"

namespace balcao::auth {
namespace {

std::string context_of(std::string const& kid) { return "signing-key:" + kid; }

}  // namespace

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

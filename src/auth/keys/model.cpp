#include "auth/keys/model.hpp"

namespace balcao::auth {

std::size_t signing_at(std::span<SigningKey const> keys, Time now) {
  std::size_t signing = 0;
  for (std::size_t i = 1; i < keys.size() && keys[i].signs_from <= now; ++i) signing = i;
  return signing;
}

SealedKey::SealedKey(std::string const& kid)
    : std::runtime_error("KEY_ENCRYPTION_KEY: it does not open the signing key " + kid +
                         " in Auth's database; set the one that sealed it (several, separated by commas, open what any "
                         "of them sealed), or, where that is lost, make a new key with: balcao keys rotate --revoke") {}

}  // namespace balcao::auth

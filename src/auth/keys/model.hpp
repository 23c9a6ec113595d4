#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "platform/jwt/jwt.hpp"

namespace balcao::auth {

struct KeySettings {
  std::optional<std::string> jwt_secret = {};     ///< HS256 with it; otherwise keys that the database holds
  std::vector<std::string> encryption_keys = {};  ///< the first seals, all of them open; none: keys rest as they are
  jwt::Key::Algorithm algorithm = jwt::Key::Algorithm::eddsa;  ///< of new keys
  std::optional<std::chrono::days> rotation =
      std::chrono::days(90);  ///< the age at which a key is replaced; none: never
};

/// A signing key as the database holds it. All that there are, are published and accepted; the one that signs is the
/// last whose time has come.
struct SigningKey {
  std::string kid;
  jwt::Key::Algorithm algorithm;
  std::string private_key;  ///< its 32 private bytes, or those sealed
  bool sealed = false;
  Time signs_from;

  bool operator==(SigningKey const&) const = default;
};

/// How long a key is published before it signs: whoever keeps the key set for its max-age has it by then.
inline constexpr std::chrono::seconds key_set_max_age{300};

/// The position of the key that signs at `now` among keys in the order of `signs_from`; where none is to sign yet, the
/// first. `keys` must not be empty.
std::size_t signing_at(std::span<SigningKey const> keys, Time now);

/// A key in the database cannot be opened. The message begins with the name of the setting that would.
class SealedKey : public std::runtime_error {
 public:
  explicit SealedKey(std::string const& kid);
};

}  // namespace balcao::auth

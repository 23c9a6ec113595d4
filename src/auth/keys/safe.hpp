#pragma once

#include "auth/keys/model.hpp"
#include "platform/crypto/sealed.hpp"

namespace balcao::auth {

/// Puts keys into the form in which they rest, and takes them out: sealed where there is a key-encryption key.
/// Immutable, hence safe from any thread.
class KeySafe {
 public:
  /// Throws std::invalid_argument for a key-encryption key that is too short.
  explicit KeySafe(std::vector<std::string> const& encryption_keys);

  SigningKey put(jwt::Key const& key, Time signs_from) const;
  /// Nothing where no key-encryption key here opens it.
  std::optional<jwt::Key> take(SigningKey const& stored) const;
  /// The same key as it should rest; nothing where it rests so, or cannot be opened.
  std::optional<SigningKey> renew(SigningKey const& stored) const;

 private:
  std::optional<crypto::Sealer> sealer_;
};

}  // namespace balcao::auth

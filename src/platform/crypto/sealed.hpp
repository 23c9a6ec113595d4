#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace balcao::crypto {

/// Encrypts what rests in the database and would let its reader act as someone else: signing keys and the secrets of
/// second factors. AES-256-GCM; the cipher key is derived (HKDF-SHA256) from a key-encryption key, whose id, derived
/// likewise, stands in front, so that a seal says which key opens it. Immutable, hence safe from any thread.
///
/// A sealed text is bytes: version (1), key id (8), nonce (12), ciphertext (as long as the plaintext), tag (16). The
/// nonces are random: a key is good for some four thousand million seals.
class Sealer {
 public:
  /// The first of the key-encryption keys seals, all of them open: to rotate, put the new key in front, and drop the
  /// old one when nothing is left of which `is_current` is false. Throws std::invalid_argument for no key at all, and
  /// for one under 16 bytes.
  explicit Sealer(std::vector<std::string> const& keys);

  /// Seals `plaintext` for one place: `context` says what it is and whose (`totp:` and the user's id), is not part of
  /// the result, and must be the same to open it, so that nobody who writes to the database can pass off one row's
  /// secret as another's.
  std::string seal(std::string_view plaintext, std::string_view context) const;

  /// The plaintext; nothing if a byte was changed or is missing, for another context, or for a key that is not here.
  std::optional<std::string> open(std::string_view sealed, std::string_view context) const;

  /// Whether the first key sealed this; what it did not seal should be opened and sealed anew.
  bool is_current(std::string_view sealed) const;

 private:
  struct Key {
    std::string id;
    std::string cipher_key;
  };

  std::vector<Key> keys_;
};

}  // namespace balcao::crypto

#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/runtime/clock.hpp"

namespace balcao::jwt {

/// One signing key with the one algorithm that it is good for (RFC 8725 §3.1). Immutable; share it freely among
/// threads.
class Key {
 public:
  enum class Algorithm { hs256, eddsa };

  /// HS256 with the secret's raw bytes as the key; its tokens carry no `kid`.
  static Key hs256(std::string_view secret);
  /// A new Ed25519 key with a random `kid`.
  static Key generate_ed25519();
  /// The Ed25519 key from its 32 private bytes. Throws std::invalid_argument for another length.
  static Key ed25519(std::string kid, std::string_view private_bytes);
  /// The public half of an Ed25519 key, from its 32 bytes: it checks and cannot sign. Throws std::invalid_argument for
  /// another length.
  static Key ed25519_public(std::string kid, std::string_view public_bytes);

  Algorithm algorithm() const;
  std::string const& kid() const;
  /// The 32 private bytes of an Ed25519 key, to be stored; empty where it has only its public half.
  std::string private_bytes() const;
  /// The public half as a JWK (RFC 8037): a JSON object with kty, crv, x, kid, alg, use. Empty for HS256.
  std::string public_jwk() const;

 private:
  friend class Signer;
  friend class Verifier;
  struct Parts;
  std::shared_ptr<Parts const> parts_;
};

/// The public halves as a JWK Set (RFC 7517 §5): empty under HS256.
std::string to_jwk_set(std::vector<Key> const& keys);

/// The keys of a JWK Set that this program can check tokens with; others are left out. Throws std::invalid_argument for
/// a text that is no set.
std::vector<Key> parse_jwk_set(std::string_view text);

/// The claims of an access token (RFC 9068).
struct Claims {
  std::string iss;
  std::string sub;
  std::string aud;
  std::string jti;
  std::string sid;
  std::string client_id;
  std::string scope;
  std::string role;
  std::int64_t iat = 0;  ///< seconds since 1970
  std::int64_t exp = 0;
};

/// Makes compact JWS of type `at+jwt`.
class Signer {
 public:
  explicit Signer(Key key);
  std::string sign(Claims const& claims) const;

 private:
  Key key_;
};

enum class Fault { malformed, wrong_key, wrong_signature, wrong_claims, expired };

/// Whether a token must still be in its time. A logout is right to take one that is not.
enum class Lifetime { required, ignored };

/// Checks access tokens. Never throws for what a token contains, asks nobody, copies nothing before the signature is
/// good.
class Verifier {
 public:
  /// Tokens of `issuer` for `audience`, signed with one of `keys`.
  Verifier(std::vector<Key> keys, std::string issuer, std::string audience);

  /// Refused (RFC 8725, RFC 9068): any character outside `[A-Za-z0-9_.-]`, more or fewer than three parts, over 8 KiB,
  /// duplicate members in header or claims, `alg` missing or other than the key's, `crit`, `jwk`, `jku`, `x5u`, `x5c`,
  /// `typ` other than `at+jwt` (or `application/at+jwt`), missing or wrongly typed claims, wrong `iss` or `aud`,
  /// `exp` reached (no leeway), `iat` over a minute ahead, `nbf` not reached.
  std::expected<Claims, Fault> verify(std::string_view token, Time now, Lifetime lifetime = Lifetime::required) const;

 private:
  std::vector<Key> keys_;
  std::string issuer_;
  std::string audience_;
};

}  // namespace balcao::jwt

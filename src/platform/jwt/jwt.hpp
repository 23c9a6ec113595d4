#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
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
  enum class Algorithm : std::uint8_t { hs256, eddsa, es256 };

  /// HS256 with the secret's raw bytes as the key; its tokens carry no `kid`.
  static Key hs256(std::string_view secret);
  /// A new key pair with a random `kid`. Throws std::invalid_argument for HS256, whose secret others choose.
  static Key generate(Algorithm algorithm);
  static Key generate_ed25519() { return generate(Algorithm::eddsa); }
  static Key generate_es256() { return generate(Algorithm::es256); }
  /// The key pair from its 32 private bytes: an Ed25519 seed (RFC 8032), or the number `d` of P-256 (RFC 7518 §6.2.2).
  /// Throws std::invalid_argument for what is none, and for HS256.
  static Key from_private(Algorithm algorithm, std::string kid, std::string_view private_bytes);
  static Key ed25519(std::string kid, std::string_view private_bytes) {
    return from_private(Algorithm::eddsa, std::move(kid), private_bytes);
  }
  static Key es256(std::string kid, std::string_view private_bytes) {
    return from_private(Algorithm::es256, std::move(kid), private_bytes);
  }
  /// The public half of an Ed25519 key, from its 32 bytes: it checks and cannot sign. Throws std::invalid_argument for
  /// another length.
  static Key ed25519_public(std::string kid, std::string_view public_bytes);
  /// The public half of a P-256 key, from its coordinates of 32 bytes each. Throws std::invalid_argument for other
  /// lengths, and for what is no point of the curve.
  static Key es256_public(std::string kid, std::string_view x, std::string_view y);

  Algorithm algorithm() const;
  std::string const& kid() const;
  /// The 32 private bytes of a key pair, to be stored; empty under HS256, and where there is only the public half.
  std::string private_bytes() const;
  /// The public half as a JWK (RFC 8037, RFC 7518 §6.2): a JSON object with kty, crv, x, y for P-256, kid, alg, use.
  /// Empty for HS256.
  std::string public_jwk() const;

  /// The signature's raw bytes: 32 under HS256, 64 otherwise; of ES256 r and s (RFC 7518 §3.4). Throws
  /// std::logic_error where there is only the public half.
  std::string sign(std::string_view text) const;
  /// Whether this key made the signature. False for one of another length.
  bool verify(std::string_view text, std::string_view signature) const;

  /// Whether both check the same tokens; the private half makes no difference.
  bool operator==(Key const& other) const;

 private:
  friend class Signer;
  friend class Verifier;
  struct Parts;
  std::shared_ptr<Parts const> parts_;
};

/// `HS256`, `EdDSA` or `ES256` (RFC 7518 §3.1, RFC 8037 §3.1).
std::string_view to_string(Key::Algorithm algorithm);
/// Nothing for a name that is none of these.
std::optional<Key::Algorithm> parse_algorithm(std::string_view name);

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

/// Makes compact JWS of type `at+jwt`. Safe from any thread; the key may change meanwhile.
class Signer {
 public:
  /// Signs nothing until it is given a key.
  Signer() = default;
  explicit Signer(Key key) : key_(std::move(key)) {}

  /// What is signed from now on is signed with this key.
  void use(Key key);
  /// Throws std::logic_error where there is no key yet.
  std::string sign(Claims const& claims) const;

 private:
  mutable std::mutex mutex_;
  std::optional<Key> key_;
};

enum class Fault { malformed, wrong_key, wrong_signature, wrong_claims, expired };

/// Whether a token must still be in its time. A logout is right to take one that is not.
enum class Lifetime { required, ignored };

/// Checks access tokens. Never throws for what a token contains, asks nobody, copies nothing before the signature is
/// good. Safe from any thread; keys and issuers may change meanwhile.
class Verifier {
 public:
  /// Refuses every token until it is told what to accept.
  explicit Verifier(std::string audience) : audience_(std::move(audience)) {}
  /// Tokens of one of `issuers` for `audience`, signed with one of `keys`. Throws std::invalid_argument for two keys
  /// with the same `kid`.
  Verifier(std::vector<Key> keys, std::vector<std::string> issuers, std::string audience);

  /// From now on these keys and issuers, and no others. Throws as the constructor does, and changes nothing then.
  void use(std::vector<Key> keys, std::vector<std::string> issuers);

  /// Rises when a key or an issuer is taken away: what was verified before may be refused now. Whoever remembers that a
  /// token was good must have read this before `verify`, and forget it when this has risen.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  /// Refused (RFC 8725, RFC 9068): any character outside `[A-Za-z0-9_.-]`, more or fewer than three parts, over 8 KiB,
  /// duplicate members in header or claims, `alg` missing or other than the key's, `crit`, `jwk`, `jku`, `x5u`, `x5c`,
  /// `typ` other than `at+jwt` (or `application/at+jwt`), missing or wrongly typed claims, wrong `iss` or `aud`,
  /// `exp` reached (no leeway), `iat` over a minute ahead, `nbf` not reached.
  std::expected<Claims, Fault> verify(std::string_view token, Time now, Lifetime lifetime = Lifetime::required) const;

 private:
  /// What is accepted at one time; never changed, only replaced.
  struct Trust {
    std::vector<Key> keys;
    std::vector<std::string> issuers;
  };
  std::shared_ptr<Trust const> trust() const;

  std::string const audience_;
  mutable std::mutex mutex_;
  std::shared_ptr<Trust const> trust_ = std::make_shared<Trust const>();
  std::atomic<std::uint64_t> generation_ = 0;
};

}  // namespace balcao::jwt

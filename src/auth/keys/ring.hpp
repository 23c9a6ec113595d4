#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "auth/keys/rotation.hpp"
#include "contracts/auth.hpp"
#include "platform/runtime/wake_up.hpp"

namespace balcao::auth {

/// What this process signs tokens with and accepts them by: HS256 with JWT_SECRET, otherwise the keys in the database,
/// which all processes that run Auth have in common. Each of them looks at the database a few times a second, so that
/// they agree, and what other processes ask for is answered from memory. Signer, verifier and `published` are safe from
/// any thread; the rest is to be awaited on one loop.
class KeyRing {
 public:
  using Ground = KeyRotation::Ground;

  /// Makes it without I/O: under a `jwt_secret` it is ready, otherwise nothing is signed before `load`. What it is
  /// given must outlive it.
  KeyRing(Ground ground, Settings const& settings, KeySettings keys);

  /// Makes the first key, seals what should be sealed, tells others under which name this process signs, and begins to
  /// sign. Throws SealedKey, and as db::Database does.
  Task<> load();
  /// Takes over what has changed in the database, and signs with the key whose time has come.
  Task<> look();
  /// Looks on and on, until `stop`; while the database cannot be asked, all stays as it is.
  Task<> follow();
  /// From any thread.
  void stop();
  /// To be done each minute: keys that are old enough are replaced, those of which no token lives are deleted.
  Task<> tidy();

  jwt::Signer const& signer() const { return signer_; }
  jwt::Verifier const& verifier() const { return verifier_; }
  /// The `iss` of this process's tokens: an address of which RFC 8414 metadata can be had.
  std::string const& issuer() const { return issuer_; }
  /// The public keys and the issuers whose tokens this process accepts. From any thread.
  std::shared_ptr<contracts::KeySet const> published() const;

 private:
  void adopt(KeyTable table);
  void choose_signer();

  KeyStore& store_;
  Clock const& clock_;
  std::string const issuer_;
  std::chrono::seconds const token_life_;
  std::optional<jwt::Key> const secret_;
  KeyRotation rotation_;
  jwt::Signer signer_;
  jwt::Verifier verifier_;
  KeyTable table_;                    ///< as it was last seen
  std::vector<SigningKey> readable_;  ///< those of its keys that can be opened
  std::vector<jwt::Key> keys_;        ///< the same, opened; under a secret that one alone
  mutable std::mutex mutex_;
  std::shared_ptr<contracts::KeySet const> published_ = std::make_shared<contracts::KeySet const>();
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
};

}  // namespace balcao::auth

#pragma once

#include "auth/audit/audit.hpp"
#include "auth/keys/safe.hpp"
#include "auth/keys/store.hpp"

namespace balcao::auth {

/// When a new key takes over.
enum class Handover : std::uint8_t {
  published,  ///< once everyone who keeps the published set has it
  soon,       ///< once every process of ours has it
  revoking,   ///< at once, and the keys before it are gone: for one that has leaked
};

/// The life of the signing keys in the database: made, published, signing, retired. Several processes may do all of it
/// at once. Fails as db::Database does.
class KeyRotation {
 public:
  struct Ground {
    KeyStore& store;
    Audit const& audit;
    Clock const& clock;
  };

  /// What it is given must outlive it. Tokens live for `token_life` at most.
  KeyRotation(Ground ground, KeySettings const& settings, std::chrono::seconds token_life);

  /// Makes the first key, which signs at once, if there is none.
  Task<> make_first();
  /// Makes a new key; the one before it is accepted until the last of its tokens has expired.
  Task<SigningKey> rotate(Handover handover, Actor actor);
  /// Makes a new key if the newest one is old enough. Of processes that do it at the same time, one makes a key.
  Task<> rotate_by_age();
  /// Deletes the keys of which no token lives any more.
  Task<> remove_retired();
  /// Seals the keys that rest otherwise than they should. Throws SealedKey for one that cannot be opened.
  Task<> renew_seals();

  /// When the last token of a key has surely expired whose successor signs from then on.
  Time retired_at(Time successor_signs_from) const;
  KeySafe const& safe() const { return safe_; }

 private:
  SigningKey make(Time signs_from) const;
  db::Call entry(SigningKey const& key, Handover handover, Actor const& actor) const;

  KeyStore& store_;
  Audit const& audit_;
  Clock const& clock_;
  KeySafe const safe_;
  jwt::Key::Algorithm const algorithm_;
  std::optional<std::chrono::days> const rotation_;
  std::chrono::seconds const token_life_;
};

}  // namespace balcao::auth

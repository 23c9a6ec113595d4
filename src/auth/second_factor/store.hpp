#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/second_factor/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::auth {

/// A TOTP secret as it rests in the database.
struct StoredSecret {
  std::string bytes;
  bool sealed = false;
};

struct OwnedSecret {
  Id<User> user;
  StoredSecret secret;
};

struct StoredFactor {
  StoredSecret secret;
  std::optional<Time> confirmed_at;
  std::int64_t last_step = 0;  ///< the latest that was accepted; those up to it are refused
};

/// The second factors and recovery codes that Auth keeps. Whatever uses a code up does so on a condition that only the
/// first of parallel requests meets. Times are given, never taken from the database. Fails as db::Database does.
class SecondFactorStore {
 public:
  explicit SecondFactorStore(db::Database& database) : database_(database) {}

  /// Stores a secret that is not confirmed yet, in place of such a one; false, and nothing is changed, where there is a
  /// confirmed one.
  Task<bool> begin(Id<User> user, StoredSecret secret, Time now);
  Task<std::optional<StoredFactor>> find(Id<User> user);
  /// How many recovery codes are not used yet.
  Task<std::int64_t> recovery_codes_left(Id<User> user);

  /// Confirms this very secret and stores its recovery codes, together with the audit's line; false, and nothing is
  /// changed, where it is confirmed already or another one has taken its place.
  Task<bool> confirm(Id<User> user, StoredSecret secret, std::int64_t step, std::vector<std::string> code_hashes,
                     Time now, db::Call audit);
  /// Accepts a step of the confirmed secret; false where it, or a later one, was accepted before.
  Task<bool> accept_step(Id<User> user, std::int64_t step);
  /// Uses a recovery code up, together with the audit's line; false, and nothing is changed, where there is no such
  /// code or it has been used.
  Task<bool> use_recovery_code(Id<User> user, std::string code_hash, Time now, db::Call audit);
  /// Replaces all recovery codes, used or not, together with the audit's line.
  Task<> replace_recovery_codes(Id<User> user, std::vector<std::string> code_hashes, Time now, db::Call audit);
  /// Every secret, in the order of the users' ids, `limit` of them behind `after`.
  Task<std::vector<OwnedSecret>> secrets(std::optional<Id<User>> after, std::size_t limit);
  /// The same secret, sealed with another key.
  Task<> reseal(Id<User> user, StoredSecret before, StoredSecret after);
  /// Removes the second factor, confirmed or not, with its recovery codes, together with the audit's line; false, and
  /// nothing is changed, where there is none.
  Task<bool> remove(Id<User> user, db::Call audit);

  /// The calls that remove whatever there is, for a batch or transaction that erases the user.
  std::vector<db::Call> erase(Id<User> user) const;

 private:
  db::Database& database_;
};

}  // namespace balcao::auth

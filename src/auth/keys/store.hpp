#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/keys/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::auth {

/// What tokens are accepted by, as the database has it.
struct KeyTable {
  std::vector<SigningKey> keys;      ///< in the order of `signs_from`
  std::vector<std::string> issuers;  ///< under whose names tokens are signed, in the order of their letters

  bool operator==(KeyTable const&) const = default;
};

/// The signing keys that Auth keeps, and under which names its processes sign. Times are given, never taken from the
/// database. Fails as db::Database does.
class KeyStore {
 public:
  explicit KeyStore(db::Database& database) : database_(database) {}

  /// All of it, in one question.
  Task<KeyTable> read();

  struct Addition {
    SigningKey key;
    Time now;
    std::optional<Time> unless_later;  ///< nothing is added where a key signs from later than that
    bool alone = false;                ///< all other keys are deleted
    std::optional<db::Call> entry;     ///< of the audit trail
  };
  /// Adds a key, in one transaction with what else is to be done. Whether it was added.
  Task<bool> add(Addition addition);
  /// Stores how the key rests now, unless another process has stored it otherwise meanwhile.
  Task<> replace(SigningKey before, SigningKey after);
  Task<> remove(std::vector<std::string> kids);

  /// Notes that a process signs under this name, and forgets the names that none has signed under since `before`.
  Task<> see_issuer(std::string issuer, Time now, Time before);

 private:
  db::Database& database_;
};

}  // namespace balcao::auth

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::auth {

struct SigningKey {
  std::string kid;
  std::string private_bytes;
};

/// The signing keys that Auth keeps. Times are given, never taken from the database. Fails
/// as db::Database does.
class KeyStore {
 public:
  explicit KeyStore(db::Database& database) : database_(database) {}

  /// The signing keys, oldest first.
  Task<std::vector<SigningKey>> signing_keys();
  /// Adds the first key; where another process was quicker, its key stays.
  Task<> insert_first_key(SigningKey key, Time now);

 private:
  db::Database& database_;
};

}  // namespace balcao::auth

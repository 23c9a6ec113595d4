#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::auth {

/// A user with what a login needs.
struct Credentials {
  User user;
  std::string password_hash;
};

/// Reads the columns id, username, role, disabled_at, created_at from `first` on.
User read_user(db::Row const& row, std::size_t first);

/// What Auth keeps of its users. Times are given, never taken from the database. Fails as db::Database does.
class AccountStore {
 public:
  explicit AccountStore(db::Database& database) : database_(database) {}

  /// Inserts the user and, in the same step, a job. False, and nothing is inserted, where the username is taken.
  Task<bool> insert_user(User user, std::string password_hash, db::Call enqueue);
  Task<std::optional<Credentials>> find_credentials(std::string username);
  Task<std::optional<User>> find_user(Id<User> id);
  Task<std::vector<User>> list_users();
  /// False where there is no such user.
  Task<bool> set_role(std::string username, Role role, Time now);
  /// Disables or enables; disabling ends the user's sessions in the same step, and gives them. Nothing where there is
  /// no such user.
  Task<std::optional<std::vector<Id<Session>>>> set_disabled(std::string username, bool disabled, Time now);
  Task<> set_password_hash(Id<User> user, std::string password_hash, Time now);

 private:
  db::Database& database_;
};

}  // namespace balcao::auth

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

/// What a login finds; nothing where there is no such user.
struct FoundLogin {
  std::optional<Credentials> credentials = {};
  bool known_device = false;
};

/// What became of a change that could take the last administrator away.
struct Changed {
  enum class Outcome { done, no_such_user, last_administrator };

  Outcome outcome = Outcome::done;
  std::vector<Id<Session>> ended = {};  ///< the sessions that ended with it
};

/// Which users, the newest first, behind `after`.
struct UserListRequest {
  std::optional<std::string> username = {};  ///< that one alone
  std::optional<Id<User>> after = {};
  std::size_t limit = 100;
};

/// Reads the columns id, username, role, disabled_at, created_at from `first` on.
User read_user(db::Row const& row, std::size_t first);

/// What Auth keeps of its users. Times are given, never taken from the database. A user who has been erased is as good
/// as not there. Fails as db::Database does.
class AccountStore {
 public:
  explicit AccountStore(db::Database& database) : database_(database) {}

  /// Inserts the user and, in the same step, what follows from that. False, and nothing is done, where the username is
  /// taken.
  Task<bool> insert_user(User user, std::string password_hash, std::vector<db::Call> then);
  /// The same as long as there is no administrator; false where there is one.
  Task<bool> insert_first_administrator(User user, std::string password_hash, std::vector<db::Call> then);
  /// Inserts those whose name is free, all in one step with the calls `beside`; says for each whether it was.
  Task<std::vector<bool>> insert_users(std::vector<Credentials> users, Time now, std::vector<db::Call> beside);
  /// Who has each of these names; nothing for a name that is free.
  Task<std::vector<std::optional<Id<User>>>> owners_of(std::vector<std::string> usernames);
  Task<std::optional<Credentials>> find_credentials(std::string username);
  Task<std::optional<User>> find_user(Id<User> id);
  Task<std::vector<User>> list(UserListRequest request);
  Task<bool> has_administrator();

  /// The user, and whether they have logged in from this device at `since` or later.
  Task<FoundLogin> find_login(std::string username, std::string device_hash, Time since);
  /// False where the old hash is not the stored one any more.
  Task<bool> replace_password_hash(Id<User> user, std::string old_hash, std::string new_hash, Time now);
  /// The same, and ends the user's sessions, all but one, which it gives.
  Task<std::optional<std::vector<Id<Session>>>> change_password(Credentials proven, std::string new_hash,
                                                                Id<Session> except, Time now, db::Call audit);

  /// A user who is no administrator any more loses his sessions with that.
  Task<Changed> set_role(Id<User> user, Role role, Time now, db::Call audit);
  /// Disables or enables; disabling ends the user's sessions.
  Task<Changed> set_disabled(Id<User> user, bool disabled, Time now, db::Call audit);
  /// Ends the user's sessions and erases what is known of him, here and in his sessions. The row stays.
  Task<Changed> erase(Id<User> user, Time now, std::vector<db::Call> then);

  /// Puts a link's digest in the place of those that are over.
  Task<> insert_setup_link(std::string token_hash, Time expires_at, Time now);
  Task<bool> has_setup_link(std::string token_hash, Time now);
  /// The call that takes all of them away.
  static db::Call remove_setup_links();

 private:
  db::Database& database_;
};

}  // namespace balcao::auth

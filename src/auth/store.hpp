#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/model.hpp"
#include "platform/db/database.hpp"
#include "platform/db/migrations.hpp"

namespace balcao::auth {

/// A user with what a login needs.
struct Credentials {
  User user;
  std::string password_hash;
};

/// A refresh token as it stands, with its session.
struct RefreshState {
  Session session;
  std::string rotation_key;  ///< the session's secret from which successors are derived
  Time issued_at;
  std::optional<Time> used_at;
  bool session_ended = false;
  User user;
};

struct NewSession {
  Session session;
  std::string rotation_key;
  std::string refresh_hash;
  std::string address;
  std::string user_agent;
  Time now;
};

struct EndedSession {
  Id<Session> session;
  Time ended_at;
};

struct SigningKey {
  std::string kid;
  std::string private_bytes;
};

/// Everything that Auth keeps, and all of its SQL. Times are given, never taken from the database. Fails as
/// db::Database does.
class Store {
 public:
  explicit Store(db::Database& database) : database_(database) {}

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

  Task<> insert_session(NewSession session);
  Task<std::optional<RefreshState>> find_refresh_token(std::string hash);
  /// Marks the token used and adds its successor, both once however often it is asked. False where the session has
  /// ended.
  Task<bool> rotate(std::string hash, std::string successor_hash, Id<Session> session, Time now);
  /// Ends the session, once; the first reason stays.
  Task<> end_session(Id<Session> session, std::string reason, Time now);
  /// False for a session that has ended, is over at `now`, or never was.
  Task<bool> is_open(Id<Session> session, Time now);
  /// The sessions that have ended at `since` or later.
  Task<std::vector<EndedSession>> ended_since(Time since);
  /// Forgets sessions, with their tokens, that were over before `before`.
  Task<> purge_sessions(Time before);

  /// The signing keys, oldest first.
  Task<std::vector<SigningKey>> signing_keys();
  /// Adds the first key; where another process was quicker, its key stays.
  Task<> insert_first_key(SigningKey key, Time now);

 private:
  db::Database& database_;
};

/// The steps of the schema `auth` for an engine.
std::vector<db::Migration> migrations(std::string_view engine);

}  // namespace balcao::auth

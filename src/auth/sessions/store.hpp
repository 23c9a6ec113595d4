#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::auth {

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
  Origin origin;
  std::string device_hash;
  std::string password_hash;  ///< the user's when he proved to be himself
  Time now;
};

/// A session as its user sees it.
struct OpenSession {
  Id<Session> id;
  Time expires_at;
  Time created_at;
  Time last_used_at;
  Origin origin;  ///< where it was begun
};

/// Which open sessions: those used at `used_since` or later and not over at `now`, newest first, behind `after`.
struct SessionListRequest {
  Id<User> user;
  Time now;
  Time used_since;
  std::optional<Id<Session>> after = {};
  std::size_t limit = 100;
};

struct EndedSession {
  Id<Session> session;
  Time ended_at;
};

/// The ids that end_sessions_of gave.
std::vector<Id<Session>> read_ids(db::Rows const& rows);

/// What Auth keeps of sessions and their refresh tokens. Times are given, never taken from the database. Fails
/// as db::Database does.
class SessionStore {
 public:
  explicit SessionStore(db::Database& database) : database_(database) {}

  /// Inserts the session and its first refresh token, remembers the device, of which a user has a hundred (the least
  /// recently used goes), and writes `audit`. Then it ends the user's
  /// least recently used sessions beyond `max_open`, for this reason, and gives them. Nothing, and there is no session,
  /// where the user has been disabled, or their password changed, since they proved who they are.
  Task<std::optional<std::vector<Id<Session>>>> insert_session(NewSession session, std::vector<db::Call> audit,
                                                               std::size_t max_open, std::string reason);
  Task<std::optional<RefreshState>> find_refresh_token(std::string hash);
  /// Marks the token used and adds its successor, both once however often it is asked. False where the session has
  /// ended.
  Task<bool> rotate(std::string hash, std::string successor_hash, Id<Session> session, Time now);
  /// Ends the session, once; the first reason stays. `audit` goes before it.
  Task<> end_session(Id<Session> session, std::string reason, Time now, db::Call audit);
  /// The call that goes, in a batch, before what must not miss a change of the user made at the same time.
  static db::Call hold_user(Id<User> user);
  /// The call that ends a user's sessions, all but one, and gives their ids.
  static db::Call end_sessions_of(Id<User> user, std::optional<Id<Session>> except, std::string_view reason, Time now);
  /// Ends a user's sessions, all but one, and gives them.
  Task<std::vector<Id<Session>>> end_all(Id<User> user, std::optional<Id<Session>> except, std::string reason, Time now,
                                         db::Call audit);
  Task<std::vector<OpenSession>> list(SessionListRequest request);
  /// False for a session that has ended, is over at `now`, or never was.
  Task<bool> is_open(Id<Session> session, Time now);
  /// The same for a session of this user.
  Task<bool> is_open_of(Id<User> user, Id<Session> session, Time now);
  /// The sessions that have ended at `since`, those with a larger id than `after`, or later; in this order.
  Task<std::vector<EndedSession>> ended_since(Time since, Id<Session> after, std::size_t limit);
  /// For db::Purge. Deletes at most `most` refresh tokens of sessions that ended before `before`; where there were
  /// fewer, at most `most` of these sessions. Gives how many rows the last statement deleted.
  Task<std::int64_t> purge_ended(Time before, std::int64_t most);
  /// The same for sessions that expired before `before`.
  Task<std::int64_t> purge_expired(Time before, std::int64_t most);
  /// Deletes at most `most` devices that were last used before `before`; gives how many.
  Task<std::int64_t> purge_devices(Time before, std::int64_t most);

 private:
  db::Database& database_;
};

}  // namespace balcao::auth

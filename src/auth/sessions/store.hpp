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
  std::string address;
  std::string user_agent;
  Time now;
};

struct EndedSession {
  Id<Session> session;
  Time ended_at;
};

/// What Auth keeps of sessions and their refresh tokens. Times are given, never taken from the database. Fails
/// as db::Database does.
class SessionStore {
 public:
  explicit SessionStore(db::Database& database) : database_(database) {}

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

 private:
  db::Database& database_;
};

}  // namespace balcao::auth

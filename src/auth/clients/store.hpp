#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/clients/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::auth {

/// A service account with what it is known by.
struct ClientState {
  ServiceAccount account;
  std::string secret_hash;
};

/// A session of a service account, for one token; there is none unless the account is still as it was when it proved
/// who it is.
struct NewServiceSession {
  Session session;
  ClientState proven;
  Origin origin;
  Time now;
};

/// Whose session it is, while it lives.
struct LiveSession {
  std::string username;
  Time expires_at;
};

/// What Auth keeps of service accounts: a row among the users, whose password hash no password has, and one of their
/// own. Times are given, never taken from the database. Fails as db::Database does.
class ClientStore {
 public:
  explicit ClientStore(db::Database& database) : database_(database) {}

  /// Inserts the account and, in the same step, runs `entry`. False, and nothing is done, where the name is taken.
  Task<bool> insert(ServiceAccount account, std::string secret_hash, db::Call entry);
  Task<std::optional<ClientState>> find(Id<User> id);
  /// In the order of their ids; `after` is the last one of the page before.
  Task<std::vector<ServiceAccount>> list(std::optional<Id<User>> after, std::size_t limit);
  /// These change the account, end its sessions and run `entry` in one step, and give the sessions. Nothing is done
  /// where there is no such account.
  Task<std::optional<std::vector<Id<Session>>>> set_scope(Id<User> id, std::string scope, Time now, db::Call entry);
  Task<std::optional<std::vector<Id<Session>>>> set_secret(Id<User> id, std::string secret_hash, Time now,
                                                           db::Call entry);
  /// False, and there is no session, where the account has changed since.
  Task<bool> insert_session(NewServiceSession session);
  /// Of a session that is open, of a user who is not shut out; otherwise nothing.
  Task<std::optional<LiveSession>> find_live_session(Id<Session> session, Id<User> user, Time now);

 private:
  Task<std::optional<std::vector<Id<Session>>>> change(Id<User> id, db::Call change, std::string reason, Time now,
                                                       db::Call entry);

  db::Database& database_;
};

}  // namespace balcao::auth

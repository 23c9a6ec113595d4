#pragma once

#include "payments/clients/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::payments {

/// The clients, and all SQL about them. Fails as db::Database does.
class ClientStore {
 public:
  explicit ClientStore(db::Database& database) : database_(database) {}

  /// Inserts the client, if it is not there yet, and in the same step the job that will see it through.
  Task<> insert(Client client, db::Call enqueue);
  /// Whether a user has so many, their own customer not counted.
  Task<bool> has(std::int64_t count, Id<Owner> owner);
  Task<> enqueue(db::Call job);
  /// Also one that is deleted, until it is erased.
  Task<std::optional<Client>> find(Id<Client> id);
  Task<std::optional<Client>> find_by_gateway_id(std::string gateway_id);
  /// Notes the gateway's id, once.
  Task<> set_gateway_id(Id<Client> id, std::string gateway_id, Time now);
  /// Notes the code with which the gateway refused it.
  Task<> set_refusal(Id<Client> id, std::string code, Time now);
  /// Forgets a client that the gateway refused at once, and of which nobody has heard.
  Task<> remove_pending(Id<Client> id);
  /// Hides a client, gives up what was to be changed of it, and enqueues the job that will delete it.
  Task<> remove(Id<Client> id, Time now, db::Call enqueue);
  /// Erases what is known of a client; one that is not there yet cannot be made any more.
  Task<> erase(Id<Client> id, Id<Owner> owner, Time now);
  /// At most `limit` + 1, so that the caller learns whether there are more.
  Task<std::vector<Client>> list(ClientListRequest request);

  /// Notes what is to be changed, on top of what still had to be, and enqueues the job that will see it through. False:
  /// there is nothing to change any more.
  Task<bool> want_change(Id<Client> id, ClientChange change, Time now, db::Call enqueue);
  /// What is to be told the gateway, for the caller to do until `leased_until`; none where there is nothing, the client
  /// is not at the gateway yet, or another is at it.
  Task<std::optional<ClientChange>> lease_change(Id<Client> id, Time now, Time leased_until);
  /// The gateway has made the change. False: another change has come on top of it, and the lease is over.
  Task<bool> settle_change(Id<Client> id, Uuid change, Time now);
  /// The gateway refuses the change. Like `settle_change`, but nothing is changed.
  Task<bool> discard_change(Id<Client> id, Uuid change, Time now);
  /// Gives the lease back: the gateway was not told.
  Task<> release_change(Id<Client> id);
  /// Takes over what the gateway says, if nothing newer was learnt since the revision.
  Task<bool> mirror(Id<Client> id, std::int64_t revision, std::string email, std::string name, Time now);

 private:
  Task<bool> end_change(db::Statement const& statement, Id<Client> id, Uuid change, Time now);

  db::Database& database_;
};

}  // namespace balcao::payments

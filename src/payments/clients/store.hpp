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
  Task<> enqueue(db::Call job);
  Task<std::optional<Client>> find(Id<Client> id);
  /// Notes the gateway's id, once.
  Task<> set_gateway_id(Id<Client> id, std::string gateway_id, Time now);
  /// Notes the code with which the gateway refused it.
  Task<> set_refusal(Id<Client> id, std::string code, Time now);
  /// Forgets a client that the gateway refused at once, and of which nobody has heard.
  Task<> remove_pending(Id<Client> id);
  /// Erases what is known of a client; one that is not there yet cannot be made any more.
  Task<> erase(Id<Client> id, Id<Owner> owner, Time now);
  /// At most `limit` + 1, so that the caller learns whether there are more.
  Task<std::vector<Client>> list(ClientListRequest request);

 private:
  db::Database& database_;
};

}  // namespace balcao::payments

#pragma once

#include "payments/clients/store.hpp"
#include "payments/gateway/gateway.hpp"
#include "platform/jobs/jobs.hpp"

namespace balcao::payments {

/// The customers at the gateway.
///
/// Each is made there exactly once, whatever breaks: our row is committed first, the gateway is asked with a key
/// derived from the row, and a durable job asks again, with the same key, until there is an answer. So it is with what
/// is changed and deleted here; and what is changed and deleted there comes in by `refresh`.
class Clients {
 public:
  /// Registers the jobs' handlers with `jobs`. What it is given must outlive it.
  Clients(ClientStore& store, Gateway& gateway, jobs::Jobs& jobs, Clock const& clock);

  /// The client is `pending` where the gateway's answer is not known yet. Problems: gateway_refused,
  /// gateway_misconfigured.
  Task<Client> create(Actor actor, Email email, ClientName name);
  /// The customer that a user is himself, once: it is committed when this returns, and the job sees it through.
  Task<> ensure_own(Id<Owner> user, std::string name);
  /// Erases the customer that a user is himself, here and at the gateway: the job that does it is committed when this
  /// returns. What was paid stays.
  Task<> forget_own(Id<Owner> user);
  /// Problem not_found, also for what is another's.
  Task<Client> find(Actor actor, Id<Client> id);
  /// The gateway's id of a client who is to pay; nothing where nobody is named. Problem invalid_fields where there is
  /// no such client, and where the gateway does not know him (yet).
  Task<std::optional<std::string>> customer_of(Actor actor, std::optional<Id<Client>> id);
  /// The same for what has been allowed already, whatever has become of the client since.
  Task<std::optional<std::string>> gateway_id_of(std::optional<Id<Client>> id);
  /// One's own; an administrator's list has everyone's.
  Task<ClientPage> list(Actor actor, std::int64_t limit, std::optional<Id<Client>> after);

  /// Changes what is given. The client still has a `change` where the gateway is not known to have made it: then it is
  /// committed, and the job sees it through. Of several changes the last one wins. Problems: not_found,
  /// gateway_refused, gateway_misconfigured.
  Task<Client> update(Actor actor, Id<Client> id, std::optional<Email> email, std::optional<ClientName> name);
  /// Hides the client at once; the job that deletes it at the gateway and erases it here is committed when this
  /// returns. What was paid stays. Problems: not_found; own_client for what goes with its user.
  Task<> remove(Actor actor, Id<Client> id);
  /// Asks the gateway about a customer and takes over what it says: e-mail and name, that it is deleted, and that it is
  /// the one that was to be made for a client. Of a customer who is none of ours nothing is kept. What is changed here
  /// meanwhile is not undone. Throws as Gateway does.
  Task<> refresh(std::string gateway_id);
  /// The same for a customer whom a list has shown: the gateway is asked only where that says something new.
  Task<> refresh(GatewayCustomer listed);

 private:
  Task<std::string> ask_gateway(Client client);
  Task<> finish(jobs::Job job);
  Task<> finish_change(jobs::Job job);
  Task<> forget(jobs::Job job);
  Task<> push_change(Client client);
  Task<bool> adopt(GatewayCustomer customer);

  ClientStore& store_;
  Gateway& gateway_;
  jobs::Jobs& jobs_;
  Clock const& clock_;
};

}  // namespace balcao::payments

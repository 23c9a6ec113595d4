#pragma once

#include "payments/clients/store.hpp"
#include "payments/gateway/gateway.hpp"
#include "platform/jobs/jobs.hpp"

namespace balcao::payments {

/// The customers at the gateway.
///
/// Each is made there exactly once, whatever breaks: our row is committed first, the gateway is asked with a key
/// derived from the row, and a durable job asks again, with the same key, until there is an answer.
class Clients {
 public:
  /// Registers the job's handler with `jobs`. What it is given must outlive it.
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
  Task<> refresh(std::string gateway_customer_id);
  /// One's own; an administrator's list has everyone's.
  Task<ClientPage> list(Actor actor, std::int64_t limit, std::optional<Id<Client>> after);

 private:
  Task<std::string> ask_gateway(Client client);
  Task<> finish(jobs::Job job);
  Task<> forget(jobs::Job job);

  ClientStore& store_;
  Gateway& gateway_;
  jobs::Jobs& jobs_;
  Clock const& clock_;
};

}  // namespace balcao::payments

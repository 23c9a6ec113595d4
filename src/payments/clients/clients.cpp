#include "payments/clients/clients.hpp"

#include "payments/clients/jobs.hpp"
#include "payments/gateway/refusal.hpp"
#include "platform/runtime/recovery.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

/// Each is one at the gateway too. Administrators and service accounts have no limit. Requests that run at once may
/// exceed it by as many as there are of them.
constexpr std::int64_t clients_of_user = 100;

Problem no_such_client() {
  return Problem(balcao::problems::not_found, {"There is no such client.", "Não existe este cliente."});
}

}  // namespace

Clients::Clients(ClientStore& store, Gateway& gateway, jobs::Jobs& jobs, Clock const& clock)
    : store_(store), gateway_(gateway), jobs_(jobs), clock_(clock) {
  jobs_.handle(std::string(create_customer_job), [this](jobs::Job const& job) { return finish(job); });
  jobs_.handle(std::string(update_customer_job), [this](jobs::Job const& job) { return finish_change(job); });
  jobs_.handle(std::string(forget_customer_job), [this](jobs::Job const& job) { return forget(job); });
}

Task<Client> Clients::create(Actor actor, Email email, ClientName name) {
  auto const now = clock_.now();
  Client client{Id<Client>::make(now), actor.id, email.str(), name.str(), std::nullopt, std::nullopt, now};
  bool const is_limited = !actor.administrator && !actor.program;
  if (is_limited && co_await store_.has(clients_of_user, actor.id)) {
    throw Problem(problems::too_many_clients,
                  {"A user may have 100 customers; delete one first, or use a service account.",
                   "Cada usuário pode ter 100 clientes; exclua um antes, ou use uma conta de serviço."});
  }
  co_await store_.insert(client, jobs_.enqueue(create_customer_job, client.id.str(), "", head_start));

  std::optional<Problem> refusal;
  try {
    client.gateway_id = co_await ask_gateway(client);
    co_await store_.set_gateway_id(client.id, *client.gateway_id, clock_.now());
  } catch (GatewayUnknown const& unknown) {
    log::warn("a customer waits for the gateway", {{"client", client.id.str()}, {"error", unknown.what()}});
  } catch (GatewayRefused const& refused) {
    refusal = payments::refusal(refused);
  }
  if (refusal) {
    co_await store_.remove_pending(client.id);
    throw std::move(*refusal);
  }
  co_return client;
}

Task<> Clients::ensure_own(Id<Owner> user, std::string name) {
  auto const id = own_client(user);
  Client const client{id, user, std::nullopt, std::move(name), std::nullopt, std::nullopt, clock_.now()};
  co_await store_.insert(client, jobs_.enqueue(create_customer_job, id.str(), ""));
  jobs_.wake();
}

Task<std::string> Clients::ask_gateway(Client client) {
  NewCustomer const customer{client.email, client.name, client.id.str(), client.created_at};
  if (client.created_at + key_life < clock_.now()) {
    if (auto const found = co_await gateway_.find_customer(customer)) co_return *found;
  }
  co_return co_await gateway_.create_customer(customer, "cus-" + client.id.str());
}

/// The job: what `create` could not finish, because the gateway was away or this process died. Throws until it is done.
Task<> Clients::finish(jobs::Job job) {
  auto const id = Id<Client>::parse(job.key);
  auto const client = id ? co_await store_.find(*id) : std::nullopt;
  if (!client || client->status() != Client::Status::pending) co_return;
  std::optional<std::string> refusal;
  try {
    co_await store_.set_gateway_id(client->id, co_await ask_gateway(*client), clock_.now());
  } catch (GatewayRefused const& refused) {
    if (refused.reason() == GatewayRefused::Reason::key) throw;  // an operator mends that
    refusal = refused.code();
  }
  if (refusal) co_await store_.set_refusal(client->id, *refusal, clock_.now());
}

Task<Client> Clients::find(Actor actor, Id<Client> id) {
  auto client = co_await store_.find(id);
  if (!client || client->deleted || (!actor.administrator && client->owner != actor.id)) throw no_such_client();
  co_return std::move(*client);
}

Task<std::optional<std::string>> Clients::customer_of(Actor actor, std::optional<Id<Client>> id) {
  if (!id) co_return std::nullopt;
  auto const client = co_await store_.find(*id);
  auto const invalid = [](Text detail) {
    return Problem(balcao::problems::invalid_fields).with_faults({{"/client_id", std::move(detail)}});
  };
  if (!client || client->deleted || (!actor.administrator && client->owner != actor.id)) {
    throw invalid({"there is no such client", "não existe este cliente"});
  }
  if (!client->gateway_id) {
    throw invalid({"the gateway does not know this client yet", "o gateway ainda não conhece este cliente"});
  }
  co_return client->gateway_id;
}

Task<std::optional<std::string>> Clients::gateway_id_of(std::optional<Id<Client>> id) {
  auto const client = id ? co_await store_.find(*id) : std::nullopt;
  co_return client ? client->gateway_id : std::nullopt;
}

Task<ClientPage> Clients::list(Actor actor, std::int64_t limit, std::optional<Id<Client>> after) {
  auto const owner = actor.administrator ? std::nullopt : std::optional(actor.id);
  ClientPage page{co_await store_.list({owner, limit, after}), std::nullopt};
  if (page.clients.size() > static_cast<std::size_t>(limit)) {
    page.clients.resize(static_cast<std::size_t>(limit));
    page.next = page.clients.back().id;
  }
  co_return page;
}

}  // namespace balcao::payments

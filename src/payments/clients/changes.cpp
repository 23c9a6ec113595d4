#include "payments/clients/clients.hpp"
#include "payments/clients/jobs.hpp"
#include "payments/gateway/refusal.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

/// Longer than a call to the gateway can take.
constexpr std::chrono::seconds lease_time{60};

/// How often a customer can be changed while we ask about him, before it is left for another time.
constexpr int looks = 5;

}  // namespace

Task<Client> Clients::update(Actor actor, Id<Client> id, std::optional<Email> email, std::optional<ClientName> name) {
  auto const client = co_await find(actor, id);
  if (client.status() == Client::Status::refused) {
    throw Problem(problems::gateway_refused, {"The gateway has refused this client: create another one.",
                                              "O gateway recusou este cliente: crie outro."});
  }
  if (!email && !name) co_return client;

  auto const now = clock_.now();
  ClientChange change{Uuid::make(now), {}, {}};
  if (email) change.email = email->str();
  if (name) change.name = name->str();
  auto job = jobs_.enqueue(update_customer_job, change.id.str(), id.str(), head_start);
  std::optional<Problem> refusal;
  if (co_await store_.want_change(id, change, now, std::move(job))) {
    try {
      co_await push_change(client);
    } catch (GatewayUnknown const& unknown) {
      log::warn("a customer's change waits for the gateway", {{"client", id.str()}, {"error", unknown.what()}});
    } catch (GatewayRefused const& refused) {
      refusal = payments::refusal(refused);
    }
  }
  if (refusal) {
    co_await store_.discard_change(id, change.id, now);
    throw std::move(*refusal);
  }
  co_return co_await find(actor, id);
}

/// Tells the gateway what is to be changed, the newest last, unless another is at it. Throws as Gateway does. A change
/// whose outcome is unknown keeps its lease: while it may be under way, no later one may overtake it.
Task<> Clients::push_change(Client client) {
  for (;;) {
    auto const now = clock_.now();
    auto const change = co_await store_.lease_change(client.id, now, now + lease_time);
    if (!change) co_return;
    // The gateway would repeat a fault under the same key; and to be told the same twice changes nothing more.
    auto const key = "upd-" + Uuid::make(now).str();
    std::exception_ptr not_done;
    try {
      co_await gateway_.update_customer(client.gateway_id.value(), change->email, change->name, key);
    } catch (GatewayRefused const&) {
      not_done = std::current_exception();
    } catch (GatewayUnknown const& unknown) {
      if (unknown.executed() == GatewayUnknown::Executed::unknown) throw;
      not_done = std::current_exception();
    }
    if (not_done) {
      co_await store_.release_change(client.id);
      std::rethrow_exception(not_done);
    }
    if (co_await store_.settle_change(client.id, change->id, clock_.now())) co_return;
  }
}

/// The job: the change that `update` could not finish. A later one has its own job, and brings with it what this one
/// still had to change. Throws until it is done.
Task<> Clients::finish_change(jobs::Job job) {
  auto const id = Id<Client>::parse(job.payload);
  auto const client = id ? co_await store_.find(*id) : std::nullopt;
  if (!client || !client->change || client->change->id.str() != job.key) co_return;
  if (client->status() == Client::Status::pending) throw std::runtime_error("the customer is still being made");
  bool refused = false;
  try {
    co_await push_change(*client);
  } catch (GatewayRefused const& refusal) {
    if (refusal.reason() == GatewayRefused::Reason::key) throw;  // an operator mends that
    log::warn("a customer's change was refused", {{"client", id->str()}, {"code", refusal.code()}});
    refused = true;
  }
  if (refused) co_await store_.discard_change(*id, client->change->id, clock_.now());
  auto const left = co_await store_.find(*id);
  if (left && left->change) throw std::runtime_error("the gateway is still being told");
}

Task<> Clients::remove(Actor actor, Id<Client> id) {
  auto const client = co_await find(actor, id);
  if (client.is_own()) {
    throw Problem(problems::own_client,
                  {"Delete the account, and its customer goes with it.", "Exclua a conta, e o cliente vai com ela."});
  }
  co_await store_.remove(id, clock_.now(), jobs_.enqueue(forget_customer_job, id.str(), ""));
  jobs_.wake();
}

Task<> Clients::forget_own(Id<Owner> user) {
  co_await store_.enqueue(jobs_.enqueue(forget_customer_job, user.str(), ""));
  jobs_.wake();
}

/// The job. While the customer's making is not settled there is nothing to delete yet, so it is tried again later. Of
/// a client that is not there the key is the user's, whose customer then cannot be made any more.
Task<> Clients::forget(jobs::Job job) {
  auto const id = Id<Client>::parse(job.key);
  if (!id) co_return;
  auto const client = co_await store_.find(*id);
  if (client && client->status() == Client::Status::pending) {
    throw std::runtime_error("the customer is still being made");
  }
  if (client && client->gateway_id) co_await gateway_.delete_customer(*client->gateway_id);
  co_await store_.erase(*id, client ? client->owner : Id<Owner>{id->uuid}, clock_.now());
}

Task<> Clients::refresh(std::string gateway_id) {
  for (int look = 0; look < looks; ++look) {
    auto const client = co_await store_.find_by_gateway_id(gateway_id);
    if (client && client->deleted) co_return;
    auto const customer = co_await gateway_.get_customer(gateway_id);
    if (!customer) {  // that there is none says only that the key is another account's
      log::warn("the gateway does not know a customer", {{"gateway_id", gateway_id}});
      co_return;
    }
    if (!client) {
      if (co_await adopt(*customer)) continue;
      co_return;
    }
    if (customer->deleted) {
      co_await store_.remove(client->id, clock_.now(), jobs_.enqueue(forget_customer_job, client->id.str(), ""));
      jobs_.wake();
      co_return;
    }
    bool const same = customer->email == client->email.value_or("") && customer->name == client->name;
    if (same || co_await store_.mirror(client->id, client->revision, customer->email, customer->name, clock_.now())) {
      co_return;
    }
  }
  throw overloaded("The customer is being changed.", "O cliente está sendo alterado.");
}

Task<> Clients::refresh(GatewayCustomer listed) {
  if (listed.client_id.empty()) co_return;  // made by someone else on the same account
  auto const client = co_await store_.find_by_gateway_id(listed.id);
  bool const same = client && listed.email == client->email.value_or("") && listed.name == client->name;
  if (!same) co_await refresh(listed.id);
}

/// Whether it is the one that the gateway was asked to make for a client, and we did not know it yet.
Task<bool> Clients::adopt(GatewayCustomer customer) {
  auto const id = Id<Client>::parse(customer.client_id);
  auto const client = id ? co_await store_.find(*id) : std::nullopt;
  if (customer.deleted || !client || client->status() != Client::Status::pending) co_return false;
  co_await store_.set_gateway_id(*id, customer.id, clock_.now());
  co_return true;
}

}  // namespace balcao::payments

#include <variant>

#include "access/scopes.hpp"
#include "payments/actor.hpp"
#include "payments/clients/clients.hpp"
#include "payments/routes.hpp"
#include "platform/http/paging.hpp"
#include "platform/json/describe.hpp"

namespace balcao::payments {
namespace {

using http::Accepted;
using http::Access;
using http::Body;
using http::Caller;
using http::Created;
using http::Method;
using http::NoContent;
using http::Ok;
using http::Path;
using http::Query;

struct ClientRequest {
  Email email;
  ClientName name;
};
BOOST_DESCRIBE_STRUCT(ClientRequest, (), (email, name))

struct ClientPatch {
  std::optional<Email> email;
  std::optional<ClientName> name;
};
BOOST_DESCRIBE_STRUCT(ClientPatch, (), (email, name))

struct ClientListQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<Client>> cursor;
};
BOOST_DESCRIBE_STRUCT(ClientListQuery, (), (limit, cursor))

struct ClientView {
  Id<Client> id;
  std::optional<std::string> email;
  std::string name;
  std::string status;
  std::optional<std::string> gateway_id;
  Time created_at;
};
BOOST_DESCRIBE_STRUCT(ClientView, (), (id, email, name, status, gateway_id, created_at))

struct ClientList {
  std::vector<ClientView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(ClientList, (), (data, next_cursor, has_more))

/// With the change that is under way: who made it sees it.
ClientView view(Client const& client) {
  auto const change = client.change.value_or(ClientChange{});
  return {client.id,
          change.email ? change.email : client.email,
          change.name.value_or(client.name),
          std::string(to_string(client.status())),
          client.gateway_id,
          client.created_at};
}

using CreatedOrAccepted = std::variant<Created<ClientView>, Accepted<ClientView>>;

Task<CreatedOrAccepted> create(Clients& clients, Caller caller, Body<ClientRequest> body) {
  auto const client = co_await clients.create(actor(caller), body.value.email, body.value.name);
  auto location = "/stripe/clients/" + client.id.str();
  if (client.status() == Client::Status::active) co_return Created<ClientView>{view(client), std::move(location)};
  co_return Accepted<ClientView>{view(client), std::move(location)};
}

Task<Ok<ClientView>> find(Clients& clients, Caller caller, Path<"id", Id<Client>> id) {
  co_return Ok<ClientView>{view(co_await clients.find(actor(caller), id.value))};
}

using OkOrAccepted = std::variant<Ok<ClientView>, Accepted<ClientView>>;

Task<OkOrAccepted> update(Clients& clients, Caller caller, Path<"id", Id<Client>> id, Body<ClientPatch> body) {
  auto const client = co_await clients.update(actor(caller), id.value, body.value.email, body.value.name);
  if (client.change) co_return Accepted<ClientView>{view(client), "/stripe/clients/" + client.id.str()};
  co_return Ok<ClientView>{view(client)};
}

Task<NoContent> remove(Clients& clients, Caller caller, Path<"id", Id<Client>> id) {
  co_await clients.remove(actor(caller), id.value);
  co_return NoContent{};
}

Task<http::Paged<ClientList>> list(Clients& clients, Caller caller, http::Target target, Query<ClientListQuery> query) {
  auto const limit = query.value.limit ? query.value.limit->number() : 20;
  auto const page = co_await clients.list(actor(caller), limit, query.value.cursor);
  ClientList body{{}, std::nullopt, page.next.has_value()};
  for (auto const& client : page.clients) body.data.push_back(view(client));
  if (page.next) body.next_cursor = page.next->str();
  auto link = page.next ? http::next_link(target, page.next->str()) : std::string();
  co_return http::Paged<ClientList>{std::move(body), std::move(link)};
}

}  // namespace

http::Endpoints client_endpoints(Clients& clients) {
  auto const tag = "Payments";
  auto const reader = Access::user.with_scope(access::scopes::payments_read);
  auto const writer = Access::user.with_scope(access::scopes::payments_write);
  http::Endpoints all;
  all.push_back(http::endpoint(
      Method::get, "/stripe/clients", reader,
      {tag, "listClients", "Customers at the gateway: those that one has created, or all for an administrator"},
      clients, list));
  all.push_back(
      http::endpoint(Method::post, "/stripe/clients", writer,
                     {tag,
                      "createClient",
                      "Create a customer at the gateway",
                      {&problems::too_many_clients, &problems::gateway_refused, &problems::gateway_misconfigured}},
                     clients, create));
  all.push_back(
      http::endpoint(Method::get, "/stripe/clients/{id}", reader, {tag, "getClient", "One customer"}, clients, find));
  all.push_back(http::endpoint(Method::patch, "/stripe/clients/{id}", writer,
                               {tag,
                                "updateClient",
                                "Change a customer's e-mail and name, here and at the gateway",
                                {&problems::gateway_refused, &problems::gateway_misconfigured}},
                               clients, update));
  all.push_back(http::endpoint(
      Method::del, "/stripe/clients/{id}", writer,
      {tag, "deleteClient", "Delete a customer, here and at the gateway; payments stay", {&problems::own_client}},
      clients, remove));
  return all;
}

}  // namespace balcao::payments

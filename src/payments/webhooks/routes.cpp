#include <algorithm>

#include "access/scopes.hpp"
#include "payments/actor.hpp"
#include "payments/routes.hpp"
#include "payments/webhooks/endpoints.hpp"
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

using EndpointId = Path<"id", Id<WebhookEndpoint>>;
using MessageId = Path<"message", Id<Delivery::Message>>;

constexpr std::array<std::string_view, 3> delivery_states{"pending", "delivered", "failed"};
using DeliveryStatus = Choice<delivery_states>;

struct WebhookEndpointRequest {
  WebAddress url;
  std::optional<WebhookDescription> description;
  std::optional<std::vector<MessageType>> types;
  std::optional<bool> everyone;
};
BOOST_DESCRIBE_STRUCT(WebhookEndpointRequest, (), (url, description, types, everyone))

struct WebhookEndpointChange {
  std::optional<WebAddress> url;
  std::optional<WebhookDescription> description;
  std::optional<std::vector<MessageType>> types;
  std::optional<bool> enabled;
};
BOOST_DESCRIBE_STRUCT(WebhookEndpointChange, (), (url, description, types, enabled))

struct WebhookEndpointView {
  Id<WebhookEndpoint> id;
  Id<Owner> owner_id;
  std::string url;
  std::string description;
  std::vector<std::string> types;
  bool everyone;
  bool enabled;
  std::optional<std::string> disabled_reason;
  std::optional<Time> failing_since;
  Time created_at;
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(WebhookEndpointView, (),
                      (id, owner_id, url, description, types, everyone, enabled, disabled_reason, failing_since,
                       created_at, updated_at))

struct WebhookEndpointWithSecret {
  Id<WebhookEndpoint> id;
  std::string url;
  std::string description;
  std::vector<std::string> types;
  bool everyone;
  bool enabled;
  Time created_at;
  std::string secret;
};
BOOST_DESCRIBE_STRUCT(WebhookEndpointWithSecret, (),
                      (id, url, description, types, everyone, enabled, created_at, secret))

struct WebhookEndpointListQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<WebhookEndpoint>> cursor;
};
BOOST_DESCRIBE_STRUCT(WebhookEndpointListQuery, (), (limit, cursor))

struct WebhookEndpointList {
  std::vector<WebhookEndpointView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(WebhookEndpointList, (), (data, next_cursor, has_more))

struct DeliveryListQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<Delivery::Message>> cursor;
  std::optional<DeliveryStatus> status;
};
BOOST_DESCRIBE_STRUCT(DeliveryListQuery, (), (limit, cursor, status))

struct WebhookDelivery {
  Id<Delivery::Message> id;
  std::string type;
  std::string status;
  std::int64_t attempts;
  std::optional<std::int64_t> answer;
  std::optional<std::string> error;
  Time created_at;
  std::optional<Time> attempted_at;
  std::optional<Time> next_attempt_at;
  json::Value payload;
};
BOOST_DESCRIBE_STRUCT(WebhookDelivery, (),
                      (id, type, status, attempts, answer, error, created_at, attempted_at, next_attempt_at, payload))

struct WebhookDeliveryList {
  std::vector<WebhookDelivery> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(WebhookDeliveryList, (), (data, next_cursor, has_more))

struct ReplayRequest {
  Time since;
};
BOOST_DESCRIBE_STRUCT(ReplayRequest, (), (since))

struct Replayed {
  std::int64_t replayed;
};
BOOST_DESCRIBE_STRUCT(Replayed, (), (replayed))

std::vector<std::string> names(std::vector<MessageType> const& types) {
  std::vector<std::string> all;
  for (auto const& type : types) {
    if (std::ranges::find(all, type.str()) == all.end()) all.push_back(type.str());
  }
  return all;
}

WebhookEndpointView view(WebhookEndpoint const& endpoint) {
  return {endpoint.id,           endpoint.owner,           endpoint.url,
          endpoint.description,  endpoint.types,           endpoint.everyone,
          !endpoint.disabled_at, endpoint.disabled_reason, endpoint.failing_since,
          endpoint.created_at,   endpoint.updated_at};
}

WebhookEndpointWithSecret view(WebhookEndpoints::WithSecret made) {
  auto& endpoint = made.endpoint;
  return {endpoint.id,
          std::move(endpoint.url),
          std::move(endpoint.description),
          std::move(endpoint.types),
          endpoint.everyone,
          !endpoint.disabled_at,
          endpoint.created_at,
          std::move(made.secret)};
}

WebhookDelivery view(Delivery const& delivery) {
  return {delivery.id,         delivery.type,
          delivery.status,     delivery.attempts,
          delivery.answer,     delivery.error,
          delivery.created_at, delivery.attempted_at,
          delivery.next_at,    json::parse(delivery.body).value_or(nullptr)};
}

std::string path_of(Id<WebhookEndpoint> id) { return "/webhook-endpoints/" + id.str(); }

Accepted<WebhookDelivery> under_way(Id<WebhookEndpoint> endpoint, Delivery const& delivery) {
  return {view(delivery), path_of(endpoint) + "/deliveries/" + delivery.id.str()};
}

Task<Created<WebhookEndpointWithSecret>> create(WebhookEndpoints& endpoints, Caller caller,
                                                Body<WebhookEndpointRequest> body) {
  auto& [url, description, types, everyone] = body.value;
  auto made = co_await endpoints.create(actor(caller),
                                        {std::move(url), description ? description->str() : std::string(),
                                         types ? names(*types) : std::vector<std::string>(), everyone.value_or(false)});
  auto location = path_of(made.endpoint.id);
  co_return Created<WebhookEndpointWithSecret>{view(std::move(made)), std::move(location)};
}

Task<http::Paged<WebhookEndpointList>> list(WebhookEndpoints& endpoints, Caller caller, http::Target target,
                                            Query<WebhookEndpointListQuery> query) {
  auto const limit = http::limit_of(query.value.limit);
  co_return http::page_of<WebhookEndpointList>(co_await endpoints.list(actor(caller), limit, query.value.cursor), limit,
                                               target, [](WebhookEndpoint const& endpoint) { return view(endpoint); });
}

Task<Ok<WebhookEndpointView>> find(WebhookEndpoints& endpoints, Caller caller, EndpointId id) {
  co_return Ok<WebhookEndpointView>{view(co_await endpoints.find(actor(caller), id.value))};
}

Task<Ok<WebhookEndpointView>> change(WebhookEndpoints& endpoints, Caller caller, EndpointId id,
                                     Body<WebhookEndpointChange> body) {
  auto const& [url, description, types, enabled] = body.value;
  WebhookStore::Change wanted;
  if (url) wanted.url = url->str();
  if (description) wanted.description = description->str();
  if (types) wanted.types = names(*types);
  wanted.enabled = enabled;
  co_return Ok<WebhookEndpointView>{view(co_await endpoints.change(actor(caller), id.value, std::move(wanted)))};
}

Task<NoContent> remove(WebhookEndpoints& endpoints, Caller caller, EndpointId id) {
  co_await endpoints.remove(actor(caller), id.value);
  co_return NoContent{};
}

Task<Ok<WebhookEndpointWithSecret>> rotate_secret(WebhookEndpoints& endpoints, Caller caller, EndpointId id) {
  co_return Ok<WebhookEndpointWithSecret>{view(co_await endpoints.rotate_secret(actor(caller), id.value))};
}

Task<Accepted<WebhookDelivery>> test(WebhookEndpoints& endpoints, Caller caller, EndpointId id) {
  co_return under_way(id.value, co_await endpoints.test(actor(caller), id.value));
}

Task<http::Paged<WebhookDeliveryList>> list_deliveries(WebhookEndpoints& endpoints, Caller caller, EndpointId id,
                                                       http::Target target, Query<DeliveryListQuery> query) {
  auto const& [asked, cursor, status] = query.value;
  auto const limit = http::limit_of(asked);
  auto deliveries = co_await endpoints.deliveries(
      actor(caller), {id.value, status ? std::optional(std::string(status->str())) : std::nullopt, limit, cursor});
  co_return http::page_of<WebhookDeliveryList>(std::move(deliveries), limit, target,
                                               [](Delivery const& delivery) { return view(delivery); });
}

Task<Ok<WebhookDelivery>> find_delivery(WebhookEndpoints& endpoints, Caller caller, EndpointId id, MessageId message) {
  co_return Ok<WebhookDelivery>{view(co_await endpoints.delivery(actor(caller), id.value, message.value))};
}

Task<Accepted<WebhookDelivery>> replay(WebhookEndpoints& endpoints, Caller caller, EndpointId id, MessageId message) {
  co_return under_way(id.value, co_await endpoints.replay(actor(caller), id.value, message.value));
}

Task<Accepted<Replayed>> replay_failed(WebhookEndpoints& endpoints, Caller caller, EndpointId id,
                                       Body<ReplayRequest> body) {
  auto const replayed = co_await endpoints.replay_failed(actor(caller), id.value, body.value.since);
  co_return Accepted<Replayed>{{replayed}, path_of(id.value) + "/deliveries?status=pending"};
}

}  // namespace

http::Endpoints webhook_endpoints(WebhookEndpoints& endpoints) {
  auto const tag = "Payments";
  auto const reader = Access::user.with_scope(access::scopes::payments_read);
  auto const writer = Access::user.with_scope(access::scopes::payments_write);
  http::Endpoints all;
  auto const add = [&](Method method, std::string_view path, Access access, http::About about, auto function) {
    all.push_back(http::endpoint(method, path, access, std::move(about), endpoints, function));
  };
  add(Method::get, "/webhook-endpoints", reader,
      {tag, "listWebhookEndpoints", "Where one is told what happens; an administrator sees everybody's"}, list);
  add(Method::post, "/webhook-endpoints", writer,
      {tag,
       "createWebhookEndpoint",
       "Be told what happens; the secret is shown this one time",
       {&problems::too_many_webhook_endpoints}},
      create);
  add(Method::get, "/webhook-endpoints/{id}", reader, {tag, "getWebhookEndpoint", "One webhook endpoint"}, find);
  add(Method::patch, "/webhook-endpoints/{id}", writer, {tag, "changeWebhookEndpoint", "Change or disable it"}, change);
  add(Method::del, "/webhook-endpoints/{id}", writer,
      {tag, "deleteWebhookEndpoint", "Delete it, with what it was told"}, remove);
  add(Method::post, "/webhook-endpoints/{id}/rotate-secret", writer,
      {tag, "rotateWebhookSecret", "A new secret; the old one signs too for a day"}, rotate_secret);
  add(Method::post, "/webhook-endpoints/{id}/test", writer,
      {tag,
       "testWebhookEndpoint",
       "Send it a webhook.test",
       {&problems::webhook_endpoint_disabled, &problems::too_many_webhook_tests}},
      test);
  add(Method::get, "/webhook-endpoints/{id}/deliveries", reader,
      {tag, "listWebhookDeliveries", "What it was told in the last 30 days, and how that went"}, list_deliveries);
  add(Method::get, "/webhook-endpoints/{id}/deliveries/{message}", reader, {tag, "getWebhookDelivery", "One delivery"},
      find_delivery);
  add(Method::post, "/webhook-endpoints/{id}/deliveries/{message}/replay", writer,
      {tag, "replayWebhookDelivery", "Deliver it once more", {&problems::webhook_endpoint_disabled}}, replay);
  add(Method::post, "/webhook-endpoints/{id}/replay", writer,
      {tag,
       "replayWebhookDeliveries",
       "Deliver once more all that failed since then",
       {&problems::webhook_endpoint_disabled}},
      replay_failed);
  return all;
}

}  // namespace balcao::payments

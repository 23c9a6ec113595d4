#include "sandbox/webhooks/endpoints.hpp"

#include <algorithm>

#include "sandbox/transport/fields.hpp"
#include "sandbox/transport/list.hpp"
#include "sandbox/transport/object_id.hpp"
#include "sandbox/webhooks/deliveries.hpp"

namespace balcao::sandbox::webhooks {
namespace {

constexpr std::string_view list_url = "/v1/webhook_endpoints";
constexpr std::size_t most_endpoints = 16;
constexpr std::string_view letters_and_digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `*`, `payment_intent.succeeded`
bool is_event_type(std::string_view type) {
  auto const fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; };
  return type == "*" || (type.find('.') != type.npos && type.size() <= 100 && std::ranges::all_of(type, fits));
}

void apply_events(Parameters& parameters, json::Object& resource) {
  if (!parameters.has("enabled_events")) return;
  json::Array types;
  for (auto const& type : parameters.texts("enabled_events")) {
    if (!is_event_type(type)) {
      throw ApiError::invalid("Invalid enabled_events: '" + type + "' is no type of event.", "enabled_events");
    }
    types.emplace_back(type);
  }
  if (types.empty()) throw ApiError::invalid("You must specify at least one event.", "enabled_events");
  resource["enabled_events"] = std::move(types);
}

void apply_url(Parameters& parameters, json::Object& resource) {
  auto const url = parameters.text("url");
  if (!url) return;
  if (url->is_null() || !is_deliverable(url->get_string())) {
    throw ApiError::invalid("Invalid URL: An explicit scheme (such as https) must be provided.", "url", "url_invalid");
  }
  resource["url"] = *url;
}

void apply(Parameters& parameters, json::Object& resource) {
  apply_events(parameters, resource);
  apply_url(parameters, resource);
  apply_metadata(parameters, resource);
  if (auto const description = parameters.text("description")) resource["description"] = *description;
  read_expand(parameters, {}, false);
}

void require(Parameters const& parameters, std::string_view name) {
  if (parameters.has(name)) return;
  throw ApiError::invalid("Missing required param: " + std::string(name) + ".", std::string(name), "parameter_missing");
}

json::Object blank_resource(std::string const& id, Time now) {
  return {{"id", id},
          {"object", "webhook_endpoint"},
          {"api_version", nullptr},
          {"application", nullptr},
          {"created", to_unix(now)},
          {"description", nullptr},
          {"enabled_events", json::Array{}},
          {"livemode", false},
          {"metadata", json::Object{}},
          {"status", "enabled"},
          {"url", ""}};
}

}  // namespace

Operations Endpoints::operations() {
  using http::Method;
  return {
      {Method::post, "/v1/webhook_endpoints", [this](ApiCall call) { return create(std::move(call)); }},
      {Method::get, "/v1/webhook_endpoints", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/webhook_endpoints/{endpoint}", [this](ApiCall call) { return retrieve(std::move(call)); }},
      {Method::post, "/v1/webhook_endpoints/{endpoint}", [this](ApiCall call) { return update(std::move(call)); }},
      {Method::del, "/v1/webhook_endpoints/{endpoint}", [this](ApiCall call) { return remove(std::move(call)); }},
  };
}

Outcome Endpoints::changed(json::Value const& answer, db::Call effect) {
  auto outcome = Outcome::ok(answer, {std::move(effect)});
  outcome.committed = [this] { listeners_.forget(); };
  return outcome;
}

Task<Outcome> Endpoints::create(ApiCall call) {
  Endpoint endpoint{
      .id = new_object_id("we_"), .created_at = call.now, .secret = "whsec_" + random_text(32, letters_and_digits)};
  endpoint.resource = blank_resource(endpoint.id, call.now);
  require(call.parameters, "enabled_events");
  require(call.parameters, "url");
  apply(call.parameters, endpoint.resource);
  if (auto const version = call.parameters.text("api_version", 64)) endpoint.resource["api_version"] = *version;
  call.parameters.choice("connect", {"false"});
  call.parameters.refuse_unknown();
  if ((co_await store_.all()).size() >= most_endpoints) {
    throw ApiError::invalid("You have reached the maximum of 16 test webhook endpoints.");
  }
  auto shown = endpoint.resource;
  shown["secret"] = endpoint.secret;
  co_return changed(shown, Store::insert(endpoint));
}

Task<Outcome> Endpoints::retrieve(ApiCall call) {
  read_expand(call.parameters, {}, false);
  call.parameters.refuse_unknown();
  auto const endpoint = co_await store_.find(call.ids.front());
  if (!endpoint) co_return Outcome::failed(ApiError::missing("webhook endpoint", call.ids.front()));
  co_return Outcome::ok(endpoint->resource);
}

Task<Outcome> Endpoints::update(ApiCall call) {
  auto endpoint = co_await store_.find(call.ids.front());
  auto resource = endpoint ? endpoint->resource : blank_resource(call.ids.front(), call.now);
  apply(call.parameters, resource);
  if (auto const disabled = call.parameters.choice("disabled", {"true", "false"})) {
    resource["status"] = *disabled == "true" ? "disabled" : "enabled";
  }
  call.parameters.refuse_unknown();
  if (!endpoint) co_return Outcome::failed(ApiError::missing("webhook endpoint", call.ids.front()));
  endpoint->resource = std::move(resource);
  co_return changed(endpoint->resource, Store::update(*endpoint));
}

Task<Outcome> Endpoints::remove(ApiCall call) {
  call.parameters.refuse_unknown();
  auto const endpoint = co_await store_.find(call.ids.front());
  if (!endpoint) co_return Outcome::failed(ApiError::missing("webhook endpoint", call.ids.front()));
  co_return changed(json::Object{{"id", endpoint->id}, {"object", "webhook_endpoint"}, {"deleted", true}},
                    Store::remove(endpoint->id));
}

/// They are so few that they are all read.
Task<Outcome> Endpoints::list(ApiCall call) {
  auto const page = read_page(call.parameters);
  read_expand(call.parameters, {}, true);
  call.parameters.refuse_unknown();
  auto const endpoints = co_await store_.all();
  auto const place_of = [&](std::string const& id, std::string parameter) {
    auto const found = std::ranges::find(endpoints, id, &Endpoint::id);
    if (found != endpoints.end()) return found - endpoints.begin();
    throw ApiError::invalid("No such webhook endpoint: '" + id + "'", std::move(parameter), "resource_missing");
  };
  std::ptrdiff_t begin = 0;
  auto end = std::ssize(endpoints);
  auto const limit = static_cast<std::ptrdiff_t>(page.limit);
  bool has_more = false;
  if (page.ending_before) {
    end = place_of(*page.ending_before, "ending_before");
    begin = std::max<std::ptrdiff_t>(0, end - limit);
    has_more = begin > 0;
  } else {
    if (page.starting_after) begin = place_of(*page.starting_after, "starting_after") + 1;
    has_more = end - begin > limit;
    end = std::min(end, begin + limit);
  }
  json::Array data;
  for (auto i = begin; i < end; ++i) data.emplace_back(endpoints[static_cast<std::size_t>(i)].resource);
  co_return Outcome::ok(list_body(list_url, std::move(data), has_more));
}

}  // namespace balcao::sandbox::webhooks

#include "sandbox/events/events.hpp"

#include <algorithm>

#include "sandbox/transport/object_id.hpp"
#include "sandbox/transport/version.hpp"

namespace balcao::sandbox::events {
namespace {

constexpr std::string_view list_url = "/v1/events";
constexpr auto time_kept = std::chrono::days(30);
constexpr std::size_t most_types = 20;

json::Value or_null(std::optional<std::string> const& text) { return text ? json::Value(*text) : json::Value(nullptr); }

Event make_event(NewEvent happened, Cause const& cause, Time created_at) {
  Event event{new_object_id("evt_"), created_at, happened.type};
  json::Object data{{"object", std::move(happened.object)}};
  if (!happened.previous_attributes.empty()) data["previous_attributes"] = std::move(happened.previous_attributes);
  event.resource = {
      {"id", event.id},
      {"object", "event"},
      {"api_version", default_version},
      {"created", to_unix(created_at)},
      {"data", std::move(data)},
      {"livemode", false},
      {"pending_webhooks", 0},
      {"request", {{"id", or_null(cause.request_id)}, {"idempotency_key", or_null(cause.idempotency_key)}}},
      {"type", event.type}};
  return event;
}

/// `type`, in which `*` stands for the rest: `payment_intent.*`; or `types[]`.
void read_types(Parameters& parameters, Filter& filter) {
  auto const type = parameters.text("type", 200);
  filter.types = parameters.texts("types");
  if (type && !filter.types.empty()) {
    throw ApiError::invalid("You may pass only one of type and types.", "types");
  }
  if (filter.types.size() > most_types) throw ApiError::invalid("You may pass at most 20 types.", "types");
  if (!type || type->is_null()) return;
  std::string text(type->get_string());
  if (text.ends_with('*')) {
    text.back() = '%';
    filter.like = text;
  } else {
    filter.types = {text};
  }
}

void read_delivery(Parameters& parameters, Filter& filter) {
  auto const successful = parameters.choice("delivery_success", {"true", "false"});
  if (!successful || successful->is_null()) return;
  filter.delivery = *successful == "true" ? Delivery::successful : Delivery::pending;
}

}  // namespace

Operations Events::operations() {
  using http::Method;
  return {
      {Method::get, "/v1/events", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/events/{event}", [this](ApiCall call) { return retrieve(std::move(call)); }},
  };
}

Task<Recorded> Events::record(std::vector<NewEvent> happened, Cause cause, Time now, webhooks::Manner manner) {
  Recorded recorded;
  if (happened.empty()) co_return recorded;
  std::vector<Event> events;
  for (auto& event : happened) {  // a microsecond apart, so that lists keep their order
    events.push_back(make_event(std::move(event), cause, now + std::chrono::microseconds(events.size())));
    recorded.effects.push_back(Store::insert(events.back()));
  }
  auto const listeners = co_await listeners_.current();
  std::ranges::move(deliveries_.plan(events, *listeners, manner), std::back_inserter(recorded.effects));
  for (auto const& event : events) {
    if (webhooks::somebody_hears(*listeners, event.type)) recorded.to_deliver.push_back(event.id);
  }
  co_return recorded;
}

Task<std::int64_t> Events::purge(Time now, std::int64_t most) { return store_.purge(now - time_kept, most); }

Task<std::int64_t> Events::purge_deliveries(Time now, std::int64_t most) {
  return store_.purge_deliveries(now - time_kept, most);
}

Task<Outcome> Events::retrieve(ApiCall call) {
  read_expand(call.parameters, {}, false);
  call.parameters.refuse_unknown();
  auto const event = co_await store_.find(call.ids.front());
  if (!event || event->created_at <= call.now - time_kept) {
    co_return Outcome::failed(ApiError::missing("event", call.ids.front()));
  }
  co_return Outcome::ok(event->resource);
}

Task<Position> Events::place_of(std::string parameter, std::string id) {
  auto const event = co_await store_.find(id);
  if (!event) throw ApiError::invalid("No such event: '" + id + "'", std::move(parameter), "resource_missing");
  co_return Position{event->created_at, event->id};
}

Task<Outcome> Events::list(ApiCall call) {
  auto const page = read_page(call.parameters);
  Filter filter{read_created(call.parameters)};
  filter.created.from = std::max(filter.created.from, Time{call.now - time_kept});
  read_types(call.parameters, filter);
  read_delivery(call.parameters, filter);
  read_expand(call.parameters, {}, true);
  call.parameters.refuse_unknown();

  std::vector<Event> events;
  if (page.ending_before) {
    auto const place = co_await place_of("ending_before", *page.ending_before);
    events = co_await store_.newer(filter, place, page.limit + 1);
  } else {
    auto place = newest_position();
    if (page.starting_after) place = co_await place_of("starting_after", *page.starting_after);
    events = co_await store_.older(filter, place, page.limit + 1);
  }
  bool const has_more = events.size() > page.limit;
  if (has_more) events.pop_back();
  if (page.ending_before) std::ranges::reverse(events);
  json::Array data;
  for (auto& event : events) data.emplace_back(std::move(event.resource));
  co_return Outcome::ok(list_body(list_url, std::move(data), has_more));
}

}  // namespace balcao::sandbox::events

#include "sandbox/checkout/sessions.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "sandbox/payment_intents/conditions.hpp"
#include "sandbox/payment_intents/resource.hpp"

namespace balcao::sandbox::checkout {
namespace {

std::string const kind = "checkout.session";
constexpr std::string_view list_url = "/v1/checkout/sessions";
std::vector<std::string_view> const expandable{"customer", "line_items", "payment_intent",
                                               "payment_intent.latest_charge", "payment_intent.payment_method"};

/// The events of an intent by which a session may change.
bool may_advance(std::string_view event) {
  static std::set<std::string_view> const types{
      "payment_intent.succeeded",       "payment_intent.amount_capturable_updated",
      "payment_intent.requires_action", "payment_intent.processing",
      "payment_intent.payment_failed",  "payment_intent.canceled"};
  return types.contains(event);
}

void tell(Changes& changes, Object& session, std::optional<std::string> const& event) {
  if (event && !event->empty()) changes.tell(*event, session);
}

/// Who has paid, from the billing details.
json::Object customer_details(Object const& session, Object const& method) {
  auto const& billing = method.resource.at("billing_details").as_object();
  json::Value email = billing.at("email");
  if (email.is_null()) email = session.resource.at("customer_email");
  return {{"address", billing.at("address")}, {"email", std::move(email)}, {"name", billing.at("name")},
          {"phone", billing.at("phone")},     {"tax_exempt", "none"},      {"tax_ids", json::Array{}}};
}

}  // namespace

Operations Sessions::operations() {
  using http::Method;
  return {
      {Method::post, "/v1/checkout/sessions", [this](ApiCall call) { return create(std::move(call)); }},
      {Method::get, "/v1/checkout/sessions", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/checkout/sessions/{session}", [this](ApiCall call) { return retrieve(std::move(call)); }},
      {Method::post, "/v1/checkout/sessions/{session}/expire",
       [this](ApiCall call) { return expire_now(std::move(call)); }},
      {Method::get, "/v1/checkout/sessions/{session}/line_items",
       [this](ApiCall call) { return list_line_items(std::move(call)); }},
  };
}

Task<std::optional<Object>> Sessions::find(std::string id) { return reading_.store().find(kind, std::move(id)); }

Task<std::optional<Object>> Sessions::find_by_intent(std::string intent) {
  objects::Filter filter{.kind = kind};
  filter.payment_intent = std::move(intent);
  auto found = co_await reading_.store().older(std::move(filter), newest_position(), 1);
  if (found.empty()) co_return std::nullopt;
  co_return std::move(found.front());
}

Task<Object> Sessions::named(std::string id) {
  auto session = co_await find(id);
  if (!session) throw ApiError::missing(kind, id).with_param("session");
  co_return std::move(*session);
}

Task<Object> Sessions::plan(std::string id) {
  co_return (co_await reading_.store().find("checkout.plan", plan_of(id))).value();
}

Task<json::Array> Sessions::line_items_of(std::string id) {
  auto const kept = co_await plan(std::move(id));
  co_return kept.resource.at("items").as_array();
}

Task<Outcome> Sessions::answer(Changes changes, Object session, std::vector<std::string> names) {
  if (std::erase(names, "line_items") > 0) {
    auto const* made = changes.find(plan_of(session.id()));
    auto items = made ? made->resource.at("items").as_array() : co_await line_items_of(session.id());
    session["line_items"] =
        list_body(std::string(list_url) + "/" + session.id() + "/line_items", std::move(items), false);
  }
  co_return co_await reading_.answer(std::move(changes), session, std::move(names));
}

Task<Outcome> Sessions::create(ApiCall call) {
  auto made = read_new(call.parameters, call.now, address_);
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  if (auto customer = made.session.text("customer"); !customer.empty()) {
    co_await reading_.expect_customer(std::move(customer));
  }
  Changes changes;
  auto const& session = changes.create(std::move(made.session));
  changes.create(std::move(made.plan));
  auto const left = std::chrono::seconds(session.number("expires_at") - to_unix(call.now));
  changes.also(jobs_.enqueue(job_kind, session.id(), session.id(), left));
  auto shown = session;
  co_return co_await answer(std::move(changes), std::move(shown), std::move(names));
}

Task<Outcome> Sessions::retrieve(ApiCall call) {
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  co_return co_await answer({}, co_await named(call.ids.front()), std::move(names));
}

Task<Outcome> Sessions::list(ApiCall call) {
  objects::Filter filter{.kind = kind, .created = read_created(call.parameters)};
  filter.customer = call.parameters.given("customer");
  filter.payment_intent = call.parameters.given("payment_intent");
  return reading_.list(std::move(call), std::move(filter), std::string(list_url), {"customer", "payment_intent"});
}

Task<Outcome> Sessions::list_line_items(ApiCall call) {
  auto const page = read_page(call.parameters);
  read_expand(call.parameters, {}, true);
  call.parameters.refuse_unknown();
  auto const session = co_await named(call.ids.front());
  auto const items = co_await line_items_of(session.id());
  auto const place_of = [&](std::string const& id, std::string parameter) {
    auto const found = std::ranges::find(items, json::Value(id), [](auto const& item) { return item.at("id"); });
    if (found != items.end()) return found - items.begin();
    throw ApiError::invalid("No such line item: '" + id + "'", std::move(parameter), "resource_missing");
  };
  auto begin = items.begin();
  auto end = items.end();
  auto const limit = static_cast<std::ptrdiff_t>(page.limit);
  if (page.starting_after) begin += place_of(*page.starting_after, "starting_after") + 1;
  if (page.ending_before) end = begin + place_of(*page.ending_before, "ending_before");
  bool const has_more = end - begin > limit;
  if (has_more) (page.ending_before ? begin : end) = page.ending_before ? end - limit : begin + limit;
  co_return Outcome::ok(
      list_body(std::string(list_url) + "/" + session.id() + "/line_items", json::Array(begin, end), has_more));
}

Task<Outcome> Sessions::expire_now(ApiCall call) {
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  auto session = co_await named(call.ids.front());
  auto const status = session.text("status");
  if (status != "open") {
    co_return Outcome::failed(ApiError::invalid(
        "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `" +
        status + "`."));
  }
  co_return co_await end(std::move(session), call.now);
}

Task<Outcome> Sessions::run_out(std::string id, Time now) {
  auto session = co_await named(std::move(id));
  if (session.text("status") != "open") co_return Outcome::ok(session.resource);
  co_return co_await end(std::move(session), now);
}

/// What has been begun on the page is over too.
Task<Outcome> Sessions::end(Object session, Time now) {
  Changes changes;
  auto& ended = changes.change(std::move(session));
  expire(ended);
  if (auto const id = ended.text("payment_intent"); !id.empty()) {
    auto intent = co_await reading_.store().find("payment_intent", id);
    if (intent && payment_intents::may_change(*intent)) {
      payment_intents::cancel(changes.change(std::move(*intent)), nullptr, "automatic", changes, setting(now));
    }
  }
  changes.tell("checkout.session.expired", ended);
  auto shown = ended.resource;
  co_return std::move(changes).answer(200, shown);
}

Task<Outcome> Sessions::pay(std::string id, Object method, Time now) {
  auto found = co_await named(std::move(id));
  auto const intent_id = found.text("payment_intent");
  auto known = intent_id.empty() ? std::nullopt : co_await reading_.store().find("payment_intent", intent_id);
  bool const waits = known && known->text("status") != "requires_payment_method";
  if (found.text("status") != "open" || waits) co_return Outcome::ok(known ? known->resource : json::Object{});

  Changes changes;
  bool const first = !known.has_value();
  if (first) {
    auto parameters = intent_parameters(found, co_await plan(found.id()));
    known = payment_intents::read_new(parameters, now);
  }
  auto& intent = first ? changes.create(std::move(*known)) : changes.change(std::move(*known));
  if (first) changes.tell("payment_intent.created", intent);
  if (auto refusal = payment_intents::refuse_method(intent, method)) throw std::move(*refusal);
  auto const& made = changes.create(std::move(method));
  auto const back = address_ + "/_sandbox/checkout/" + found.id();
  auto const error = payment_intents::confirm(intent, made, {.return_url = back}, changes, setting(now));
  if (first) {  // from now on `follow` finds it by its intent
    auto& session = changes.change(std::move(found));
    session["payment_intent"] = intent.id();
    session["customer_details"] = customer_details(session, made);
    tell(changes, session, advance(session, intent.resource));
  }
  auto shown = intent.resource;
  co_return std::move(changes).answer(error ? error->status() : 200, shown);
}

Task<> Sessions::follow(Outcome& outcome) {
  std::map<std::string, json::Object> intents;  // as they are in the end
  for (auto const& event : outcome.events) {
    if (may_advance(event.type)) intents[objects::text_of(event.object, "id")] = event.object;
  }
  for (auto const& [id, intent] : intents) {
    auto session = co_await find_by_intent(id);
    if (!session) continue;
    auto const event = advance(*session, intent);
    if (!event) continue;
    outcome.effects.push_back(objects::Store::update(*session));
    if (!event->empty()) outcome.events.push_back({*event, session->resource});
  }
}

}  // namespace balcao::sandbox::checkout

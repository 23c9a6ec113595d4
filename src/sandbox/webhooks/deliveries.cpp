#include "sandbox/webhooks/deliveries.hpp"

#include <stdexcept>

#include "platform/fields.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/loops.hpp"
#include "platform/telemetry/log.hpp"
#include "sandbox/webhooks/signature.hpp"

namespace balcao::sandbox::webhooks {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view job_kind = "webhook";
constexpr std::string_view after = "after ";  ///< what a payload begins with that names an event to wait for
constexpr auto patience = 5s;  ///< of one attempt: a receiver has nothing to do but to write the event down
constexpr auto longest_effort = 72h;
constexpr std::size_t most_clients = 32;

std::string key_of(std::string const& event, std::string const& endpoint) { return event + ":" + endpoint; }

}  // namespace

bool is_deliverable(std::string_view url) { return WebAddress::parse(url) && url.find('#') == url.npos; }

Deliveries::Deliveries(db::Database& database, jobs::Jobs& jobs, Listeners& listeners, Clock const& clock)
    : store_(database), jobs_(jobs), listeners_(listeners), clock_(clock) {
  jobs_.handle(std::string(job_kind), [this](jobs::Job const& job) { return deliver(job); });
}

std::vector<db::Call> Deliveries::plan(std::vector<events::Event> const& events, std::vector<Listener> const& listeners,
                                       Manner manner) const {
  using Kind = Manner::Kind;
  bool const backwards = manner.kind == Kind::reordered;
  std::vector<db::Call> calls;
  for (auto const& listener : listeners) {
    std::chrono::milliseconds delay = manner.kind == Kind::late ? manner.delay : 0ms;
    std::string how = manner.kind == Kind::twice ? "twice" : manner.kind == Kind::bad_signature ? "bad_signature" : "";
    for (std::size_t i = 0; i < events.size(); ++i) {
      auto const& event = backwards ? events[events.size() - 1 - i] : events[i];
      if (!listener.hears(event.type)) continue;
      calls.push_back(events::Store::expect_delivery(event, listener.id));
      calls.push_back(jobs_.enqueue(job_kind, key_of(event.id, listener.id), how, delay));
      if (!backwards) continue;
      delay += manner.delay;
      how = std::string(after) + event.id;
    }
  }
  return calls;
}

Task<> Deliveries::await(std::vector<std::string> events) {
  auto const end = std::chrono::steady_clock::now() + patience;
  for (auto const& event : events) {
    while (co_await store_.pending(event) > 0 && std::chrono::steady_clock::now() < end) co_await pause(2ms);
  }
}

/// What has become of the event or the listener since is looked at with every attempt.
Task<> Deliveries::deliver(jobs::Job const& job) {
  auto const colon = job.key.find(':');
  std::string const event_id = job.key.substr(0, colon);
  std::string const endpoint_id = job.key.substr(colon + 1);
  auto const event = co_await store_.find(event_id);
  auto const listener = co_await listeners_.find(endpoint_id);
  if (!event || !listener) {
    co_await store_.forget_delivery(event_id, endpoint_id);
    co_return;
  }
  if (clock_.now() - event->created_at > longest_effort) {
    log::warn("webhook_given_up", {{"event", event_id}, {"endpoint", endpoint_id}});
    co_return;  // it stays undelivered, as `delivery_success=false` tells
  }
  // Jobs that are due at once run side by side, so pauses alone do not keep an order.
  if (job.payload.starts_with(after)) co_await await({job.payload.substr(after.size())});
  bool const first = job.attempt == 1;
  auto const body = json::to_text(event->resource);
  co_await send(body, *listener, event_id, !(first && job.payload == "bad_signature"));
  if (job.payload == "twice") co_await send(body, *listener, event_id, true);
  co_await store_.delivered(event_id, endpoint_id, clock_.now());
}

Task<> Deliveries::send(std::string const& body, Listener const& listener, std::string event, bool well_signed) {
  auto const address = http::split_address(listener.url).value();
  auto const client = client_of(address.base_url);
  // The key lets the client try another connection where a kept one has gone stale.
  auto const response = co_await client->send(
      {http::Method::post,
       address.target,
       {{"Content-Type", "application/json; charset=utf-8"},
        {"Accept", "*/*"},
        {"User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"},
        {"Idempotency-Key", event},
        {"Stripe-Signature", signature(body, well_signed ? listener.secret : "not " + listener.secret, clock_.now())}},
       body});
  if (response.status < 200 || response.status > 299) {
    throw std::runtime_error("the receiver answered " + std::to_string(response.status));
  }
}

std::shared_ptr<http::Client> Deliveries::client_of(std::string const& origin) {
  auto& client = clients_[origin];
  if (!client) {
    client = std::make_shared<http::Client>(http::ClientOptions{
        .base_url = origin, .deadline = patience, .resolver = &network::resolver_for(network::Purpose::webhooks)});
  }
  auto const found = client;
  if (clients_.size() > most_clients) {
    clients_.erase(clients_.begin()->first == origin ? std::next(clients_.begin()) : clients_.begin());
  }
  return found;
}

}  // namespace balcao::sandbox::webhooks

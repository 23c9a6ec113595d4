#include "payments/webhooks/deliveries.hpp"

#include <algorithm>
#include <charconv>

#include "payments/webhooks/schedule.hpp"
#include "platform/crypto/random.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;

constexpr auto deadline = 15s;
constexpr auto lease = 30s;  ///< longer than an attempt takes
constexpr auto time_between_looks = 1s;
constexpr std::size_t endpoints_at_a_look = 512;
constexpr auto time_kept = std::chrono::days(30);
constexpr auto time_failing = std::chrono::days(5);
constexpr std::size_t longest_error = 300;
constexpr std::size_t largest_answer = std::size_t{256} * 1024;

/// The seconds of `Retry-After` (RFC 9110 §10.2.3) where an endpoint asks for time; a date is not looked at.
std::optional<std::chrono::seconds> retry_after(http::ClientResponse const& response) {
  auto const text = response.header("Retry-After");
  if (!text || (response.status != 429 && response.status != 503)) return std::nullopt;
  std::uint32_t seconds = 0;
  auto const [end, fault] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (fault != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return std::min<std::chrono::seconds>(std::chrono::seconds(seconds), 24h);
}

}  // namespace

void WebhookDeliveries::stop() {
  stopping_ = true;
  ground_.messages.arrivals().ring();
}

Task<> WebhookDeliveries::run() {
  while (!stopping_) {
    try {
      co_await tend();
      if (ground_.messages.listened()) co_await look();
    } catch (std::exception const& error) {
      log::warn("cannot look for webhooks to deliver", {{"error", error.what()}});
    }
    if (!stopping_) co_await ground_.messages.arrivals().wait(time_between_looks);
  }
  under_way_.cut_off();
  co_await under_way_.join();
  try {
    co_await release();
  } catch (std::exception const& error) {
    log::warn("webhooks that were cut off keep their lease", {{"error", error.what()}});
  }
}

Task<std::int64_t> WebhookDeliveries::purge(Time now, std::int64_t most) {
  return ground_.store.purge(now - time_kept, most);
}

Task<> WebhookDeliveries::tend() {
  auto const now = ground_.clock.now();
  co_await release();
  if (now < next_tending_) co_return;
  ground_.messages.set_listened(co_await ground_.store.anyone_listens());
  if (!seals_are_current_) {
    co_await ground_.endpoints.renew_seals();
    seals_are_current_ = true;
  }
  std::erase_if(lines_, [now](auto const& entry) {
    auto const& line = entry.second;
    return line.places.running == 0 && line.served_at < now - 1min && line.not_before < now;
  });
  next_tending_ = now + time_between_looks;
}

Task<> WebhookDeliveries::look() {
  auto due = co_await ground_.store.due(ground_.clock.now(), looked_at_, endpoints_at_a_look);
  looked_at_ = due.size() == endpoints_at_a_look ? due.back().id : Id<WebhookEndpoint>{};
  std::ranges::sort(due, {}, [this](DueEndpoint const& endpoint) { return lines_[endpoint.id].served_at; });
  for (auto& endpoint : due) {
    if (stopping_) co_return;
    auto& line = lines_[endpoint.id];
    co_await serve(std::move(endpoint), line);
  }
  co_await serve_lost();
}

Task<> WebhookDeliveries::serve(DueEndpoint endpoint, Line& line) {
  auto const now = ground_.clock.now();
  auto const free = places_.free(endpoint.owner, line.places, endpoint.failing);
  if (free == 0 || now < line.not_before) co_return;
  auto claimed = co_await ground_.store.claim(endpoint, now, now + lease, free);
  line.served_at = now;
  for (auto& delivery : claimed) {
    co_await start(endpoint, std::move(delivery), line, nullptr);
  }
}

/// What the process may have died of runs alone, and no more once it has died of it too often.
Task<> WebhookDeliveries::serve_lost() {
  auto const now = ground_.clock.now();
  if (stopping_ || now < next_look_for_lost_) co_return;
  auto alone = jobs::Isolation::try_take(this);
  if (!alone) co_return;
  auto const aside =
      co_await ground_.store.set_aside(now, jobs::max_deaths - 1, "set aside: the process died at each attempt");
  for (auto const& [endpoint, message] : aside) {
    log::error("a webhook is set aside: the process died at each attempt",
               {{"endpoint", endpoint.str()}, {"message", message.str()}, {"deaths", jobs::max_deaths}});
  }
  auto lost = co_await ground_.store.claim_lost(now, now + lease);
  if (!lost) {
    next_look_for_lost_ = now + time_between_looks;
    co_return;
  }
  auto& line = lines_[lost->endpoint.id];
  line.served_at = now;
  co_await start(std::move(lost->endpoint), std::move(lost->delivery), line, std::move(alone));
}

Task<> WebhookDeliveries::release() {
  if (to_release_.empty()) co_return;
  auto const count = std::ssize(to_release_);
  co_await ground_.store.apply(to_release_);
  to_release_.erase(to_release_.begin(), to_release_.begin() + count);
}

Task<> WebhookDeliveries::start(DueEndpoint endpoint, ClaimedDelivery delivery, Line& line,
                                jobs::Isolation::Place alone) {
  auto const place = places_.begin(endpoint.owner, line.places);
  co_await under_way_.start(deliver(std::move(endpoint), std::move(delivery), line, place, std::move(alone)));
}

Task<> WebhookDeliveries::deliver(DueEndpoint endpoint, ClaimedDelivery delivery, Line& line,
                                  DeliveryPlaces::Place place, [[maybe_unused]] jobs::Isolation::Place alone) {
  struct Attempt {
    WebhookDeliveries& all;
    Line& line;
    DeliveryPlaces::Place const place;
    db::Call release;
    std::chrono::steady_clock::time_point const begun = std::chrono::steady_clock::now();
    std::chrono::steady_clock::duration took{};
    bool went_well = false;
    bool is_settled = false;
    ~Attempt() {
      all.places_.end(place, line.places, went_well, took);
      if (!is_settled) all.to_release_.push_back(std::move(release));
      all.ground_.messages.arrivals().ring();  // there may be more for it
    }
  } under_way{*this, line, place, WebhookStore::release(endpoint.id, delivery, ground_.clock.now())};
  auto const made = co_await attempt(endpoint, delivery, line);
  under_way.took = std::chrono::steady_clock::now() - under_way.begun;
  under_way.went_well = made.went_well();
  if (made.retry_after) line.not_before = ground_.clock.now() + *made.retry_after;
  // What the end of the process cuts off is made again at once; an outcome that cannot be stored waits for the lease.
  if (!stopping_) under_way.release = WebhookStore::release(endpoint.id, delivery, delivery.lease);
  co_await settle(endpoint, std::move(delivery), made);
  under_way.is_settled = true;
}

Task<DeliveryAttempt> WebhookDeliveries::attempt(DueEndpoint const& endpoint, ClaimedDelivery const& delivery,
                                                 Line& line) {
  auto const now = ground_.clock.now();
  if (auto fault = webhook_address_fault(endpoint.url, ground_.settings)) co_return DeliveryAttempt{0, fault->en, {}};
  auto const secrets = ground_.secrets.signing(endpoint.secrets, endpoint.id, now);
  if (!secrets) {
    log::error("no KEY_ENCRYPTION_KEY opens a webhook's secret", {{"endpoint", endpoint.id.str()}});
    co_return DeliveryAttempt{0, "the secret cannot be opened; rotate it", {}};
  }
  auto const id = delivery.id.str();
  auto const address = http::split_address(endpoint.url).value();
  http::ClientRequest request{http::Method::post,
                              address.target,
                              {{"Content-Type", "application/json"},
                               {"User-Agent", "Balcao"},
                               {"webhook-id", id},
                               {"webhook-timestamp", webhook_timestamp(now)},
                               {"webhook-signature", sign_webhook(*secrets, id, now, delivery.body)}},
                              delivery.body};
  try {
    auto const client = client_for(line, address.base_url);
    auto const response = co_await client->send(std::move(request));
    co_return DeliveryAttempt{response.status, {}, retry_after(response)};
  } catch (std::exception const& error) {
    co_return DeliveryAttempt{0, std::string(error.what()).substr(0, longest_error), {}};
  }
}

Task<> WebhookDeliveries::settle(DueEndpoint const& endpoint, ClaimedDelivery delivery, DeliveryAttempt attempt) {
  auto const now = ground_.clock.now();
  bool const is_gone = attempt.answer == 410;
  WebhookStore::Settlement settlement{endpoint.id, std::move(delivery), std::move(attempt), {}, {}, {}, now};
  auto const& [id, message, made, next_at, disable, unless_well_since, at] = settlement;
  if (!made.went_well() && !is_gone) {
    std::array<std::uint8_t, 1> dice{};
    crypto::fill_random(dice);
    if (auto const delay = webhook_retry_delay(message.attempts, dice[0], made.retry_after)) {
      settlement.next_at = now + *delay;
    } else {
      settlement.disable = "failing";
      settlement.unless_well_since = now - time_failing;
    }
  }
  if (is_gone) settlement.disable = "gone";
  log::debug(
      "webhook attempted",
      {{"endpoint", id.str()}, {"message", message.id.str()}, {"attempt", message.attempts}, {"answer", made.answer}});
  if (is_gone) log::info("a webhook endpoint is gone", {{"endpoint", id.str()}});
  co_await ground_.store.settle(std::move(settlement));
}

std::shared_ptr<http::Client> WebhookDeliveries::client_for(Line& line, std::string const& base_url) const {
  if (line.client && line.base_url == base_url) return line.client;
  line.client = std::make_shared<http::Client>(
      http::ClientOptions{.base_url = base_url,
                          .deadline = deadline,
                          .response_bytes = largest_answer,
                          .public_only = !ground_.settings.allow_private,
                          .resolver = &network::resolver_for(network::Purpose::webhooks)});
  line.base_url = base_url;
  return line.client;
}

}  // namespace balcao::payments

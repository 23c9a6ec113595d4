#include "payments/webhooks/endpoints.hpp"

#include "platform/http/client.hpp"
#include "platform/http/public_address.hpp"

namespace balcao::payments {
namespace {

constexpr std::int64_t endpoints_of_one_owner = 16;
constexpr std::chrono::hours old_secret_life{24};
constexpr std::int64_t tests_a_minute = 30;

Problem not_found() { return Problem(balcao::problems::not_found); }

/// Whether a host is written as an address: the last label of a name is never a number (RFC 3696 §2).
bool is_address(std::string_view host) {
  auto const last = host.substr(host.rfind('.') + 1);
  return host.contains(':') || last.find_first_not_of("0123456789") == last.npos;
}

}  // namespace

std::optional<Text> webhook_address_fault(std::string const& url, WebhookSettings const& settings) {
  auto const parts = http::split_address(url);
  if (!parts) return Text{"It must be an http or https address.", "Deve ser um endereço http ou https."};
  if (settings.https_only && !parts->base_url.starts_with("https:")) {
    return Text{"It must be an https address.", "Deve ser um endereço https."};
  }
  auto const& host = parts->host;
  bool const is_inside =
      host == "localhost" || host.ends_with(".localhost") || (is_address(host) && !http::is_public_address(host));
  if (!settings.allow_private && is_inside) {
    return Text{"It must be an address of the public Internet.", "Deve ser um endereço da Internet pública."};
  }
  return std::nullopt;
}

void WebhookEndpoints::check_address(std::string const& url) const {
  if (auto fault = webhook_address_fault(url, ground_.settings)) {
    throw Problem(balcao::problems::invalid_fields).with_faults({{"/url", std::move(*fault)}});
  }
}

Task<WebhookEndpoints::WithSecret> WebhookEndpoints::create(Actor actor, New wanted) {
  check_address(wanted.url.str());
  if (wanted.everyone && !actor.administrator) {
    throw Problem(balcao::problems::forbidden,
                  {"Only an administrator may hear of everyone.", "Só um administrador pode saber de todos."});
  }
  auto const now = ground_.clock.now();
  WebhookEndpoint endpoint{.id = Id<WebhookEndpoint>::make(now),
                           .owner = actor.id,
                           .everyone = wanted.everyone,
                           .url = wanted.url.str(),
                           .description = std::move(wanted.description),
                           .types = std::move(wanted.types),
                           .disabled_at = {},
                           .disabled_reason = {},
                           .failing_since = {},
                           .created_at = now,
                           .updated_at = now};
  auto secret = WebhookSecrets::generate();
  if (!co_await ground_.store.insert(endpoint, ground_.secrets.put(secret, endpoint.id), endpoints_of_one_owner)) {
    throw Problem(problems::too_many_webhook_endpoints);
  }
  ground_.messages.set_listened(true);
  co_return WithSecret{std::move(endpoint), std::move(secret)};
}

Task<WebhookEndpoint> WebhookEndpoints::find(Actor actor, Id<WebhookEndpoint> id) {
  auto endpoint = co_await ground_.store.find(id);
  if (!endpoint || (!actor.administrator && endpoint->owner != actor.id)) throw not_found();
  co_return std::move(*endpoint);
}

Task<WebhookEndpoint> WebhookEndpoints::find_enabled(Actor actor, Id<WebhookEndpoint> id) {
  auto endpoint = co_await find(actor, id);
  if (endpoint.disabled_at) throw Problem(problems::webhook_endpoint_disabled);
  co_return endpoint;
}

Task<std::vector<WebhookEndpoint>> WebhookEndpoints::list(Actor actor, std::size_t limit,
                                                          std::optional<Id<WebhookEndpoint>> after) {
  co_return co_await ground_.store.list(actor.administrator ? std::nullopt : std::optional(actor.id), limit, after);
}

Task<WebhookEndpoint> WebhookEndpoints::change(Actor actor, Id<WebhookEndpoint> id, WebhookStore::Change change) {
  co_await find(actor, id);
  if (change.url) check_address(*change.url);
  co_await ground_.store.change(id, std::move(change), ground_.clock.now());
  ground_.messages.set_listened(true);
  co_return co_await find(actor, id);
}

Task<> WebhookEndpoints::remove(Actor actor, Id<WebhookEndpoint> id) {
  co_await find(actor, id);
  co_await ground_.store.remove(id);
}

Task<WebhookEndpoints::WithSecret> WebhookEndpoints::rotate_secret(Actor actor, Id<WebhookEndpoint> id) {
  co_await find(actor, id);
  auto const now = ground_.clock.now();
  auto secret = WebhookSecrets::generate();
  co_await ground_.store.set_secret(id, ground_.secrets.put(secret, id), now + old_secret_life, now);
  auto endpoint = co_await find(actor, id);
  co_return WithSecret{std::move(endpoint), std::move(secret)};
}

Task<Delivery> WebhookEndpoints::test(Actor actor, Id<WebhookEndpoint> id) {
  auto const endpoint = co_await find_enabled(actor, id);
  auto const now = ground_.clock.now();
  auto const message = Id<Delivery::Message>::make(now);
  auto body = message_body(message_types::test, now, {{"webhook_endpoint_id", id.str()}});
  bool const told = co_await ground_.store.tell_test(
      id, {message.uuid, endpoint.owner, std::string(message_types::test), body, now},
      now - std::chrono::minutes(1), tests_a_minute);
  if (!told) {
    throw Problem(problems::too_many_webhook_tests,
                  {"A user may send 30 tests a minute; try again in a minute.",
                   "Cada usuário pode enviar 30 testes por minuto; tente de novo em um minuto."})
        .with_header("Retry-After", "60");
  }
  ground_.messages.wake();
  // Not read again: it may have been delivered by now, and what is answered is what was accepted.
  co_return Delivery{.id = message,
                     .type = std::string(message_types::test),
                     .status = "pending",
                     .attempts = 0,
                     .answer = {},
                     .error = {},
                     .created_at = now,
                     .attempted_at = {},
                     .next_at = now,
                     .body = std::move(body)};
}

Task<std::vector<Delivery>> WebhookEndpoints::deliveries(Actor actor, DeliveryListRequest request) {
  co_await find(actor, request.endpoint);
  co_return co_await ground_.store.deliveries(std::move(request));
}

Task<Delivery> WebhookEndpoints::delivery(Actor actor, Id<WebhookEndpoint> id, Id<Delivery::Message> message) {
  co_await find(actor, id);
  auto found = co_await ground_.store.delivery(id, message);
  if (!found) throw not_found();
  co_return std::move(*found);
}

Task<Delivery> WebhookEndpoints::replay(Actor actor, Id<WebhookEndpoint> id, Id<Delivery::Message> message) {
  co_await find_enabled(actor, id);
  co_await ground_.store.replay(id, message, ground_.clock.now());
  ground_.messages.wake();
  co_return co_await delivery(actor, id, message);
}

Task<std::int64_t> WebhookEndpoints::replay_failed(Actor actor, Id<WebhookEndpoint> id, Time since) {
  co_await find_enabled(actor, id);
  auto const replayed = co_await ground_.store.replay_failed(id, since, ground_.clock.now());
  ground_.messages.wake();
  co_return replayed;
}

Task<> WebhookEndpoints::forget(Id<Owner> owner) { co_await ground_.store.remove_of(owner); }

Task<> WebhookEndpoints::renew_seals() {
  constexpr std::size_t at_once = 100;
  for (std::optional<Id<WebhookEndpoint>> after;;) {
    auto const some = co_await ground_.store.secrets(after, at_once);
    for (auto const& one : some) {
      if (auto renewed = ground_.secrets.renew(one.secrets, one.id)) {
        co_await ground_.store.reseal(one, std::move(*renewed));
      }
    }
    if (some.size() < at_once) co_return;
    after = some.back().id;
  }
}

}  // namespace balcao::payments

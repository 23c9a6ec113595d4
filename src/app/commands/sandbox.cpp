#include "sandbox/sandbox.hpp"

#include "app/commands/commands.hpp"
#include "app/storage.hpp"
#include "platform/crypto/random.hpp"
#include "platform/http/server.hpp"
#include "platform/runtime/signals.hpp"
#include "platform/runtime/task_group.hpp"
#include "platform/telemetry/background.hpp"
#include "platform/telemetry/output.hpp"

namespace balcao::app::commands {
namespace {

/// Ends with what goes on beside the requests, which `end_on_signal` stops.
Task<> run_background(sandbox::Sandbox& gateway, Loops& loops) {
  co_await at_once(gateway.background());
  loops.stop();
}

Task<> end_on_signal(http::Server& server, sandbox::Sandbox& gateway) {
  co_await termination_signal();
  co_await server.drain(std::chrono::seconds(5));
  gateway.stop();
}

Task<> migrate(Storage& storage) { co_await storage.migrate(system_clock()); }

std::optional<sandbox::WebhookTarget> target_of(SandboxWebhook const& webhook) {
  if (webhook.url.empty()) return std::nullopt;
  if (!sandbox::webhooks::is_deliverable(webhook.url)) {
    throw ConfigError({"--webhook-url: '" + webhook.url + "' is not an http or https address"});
  }
  return sandbox::WebhookTarget{webhook.url, webhook.secret};
}

}  // namespace

void sandbox(Config const& config, std::string const& host, std::uint16_t port, SandboxWebhook webhook) {
  log::write_in_background();
  bool const makes_secret = webhook.secret.empty() && config.stripe_webhook_secrets.empty();
  if (makes_secret) {
    webhook.secret = "whsec_" + crypto::random_token(24);
  } else if (webhook.secret.empty()) {
    webhook.secret = config.stripe_webhook_secrets.front();
  }
  auto const target = target_of(webhook);
  MemoryBudget memory(config.memory_budget);
  Loops loops(1);
  http::Server server(loops, host, port, config.limits, memory);
  Storage storage(place_of(config), Storage::Use::shared, loops, {"sandbox"});
  run_to_end(loops[0], migrate(storage));
  sandbox::Sandbox gateway(storage.database("sandbox"), system_clock(),
                           {config.stripe_secret_key, server.address(), target});

  server.start(gateway);
  start(loops[0], run_background(gateway, loops));
  start(loops[0], end_on_signal(server, gateway));
  std::string text = "The sandbox gateway listens on " + server.address() + " (";
  text += config.stripe_secret_key ? "the key is STRIPE_SECRET_KEY)\n" : "any key that begins with sk_test_)\n";
  if (target && makes_secret) text += "Its events are signed with " + target->secret + '\n';
  output::write(output::Stream::out, text);
  loops.run();
}

}  // namespace balcao::app::commands

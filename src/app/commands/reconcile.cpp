#include <cstdio>

#include "app/commands/commands.hpp"
#include "app/storage.hpp"
#include "payments/gateway/stripe.hpp"
#include "payments/payments.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app::commands {
namespace {

Task<payments::Report> compare(Storage& storage, payments::Service& service, int days) {
  co_await storage.migrate(system_clock());
  auto const now = system_clock().now();
  co_return co_await service.reconciler().reconcile(now - std::chrono::days(days), now);
}

Task<> keep(Task<payments::Report> work, payments::Report& report) { report = co_await std::move(work); }

void print(payments::Report const& report) {
  for (auto const& drift : report.drifts) {
    std::printf("%-13s  %-30s  payment %s  ours: %s  theirs: %s\n", std::string(to_string(drift.kind)).c_str(),
                drift.object_id.c_str(), drift.payment ? drift.payment->str().c_str() : "-",
                drift.ours.empty() ? "-" : drift.ours.c_str(), drift.theirs.empty() ? "-" : drift.theirs.c_str());
  }
  std::printf("%zu payments, %zu intents and %zu movements compared: %zu drifts\n", report.payments, report.intents,
              report.movements, report.drifts.size());
}

}  // namespace

bool reconcile(Config const& config, int days) {
  if (!config.stripe_secret_key) {
    throw ConfigError(
        {"STRIPE_SECRET_KEY: it is not set, so the gateway is the sandbox inside `balcao serve`, which does "
         "this by itself once a day; set it for the gateway that is to be compared with"});
  }
  Loops loops(1);
  Storage storage(place_of(config), Storage::Use::shared, loops, {"payments"});
  auto const gateway = payments::make_stripe({config.stripe_api_base, *config.stripe_secret_key});
  payments::Service service(storage.database("payments"), *gateway, system_clock(), payments::Settings{}, {});
  payments::Report report;
  run_to_end(loops[0], keep(compare(storage, service, days), report));
  print(report);
  return report.drifts.empty();
}

}  // namespace balcao::app::commands

#include "sandbox/sandbox.hpp"

#include <cstdio>

#include "app/commands/commands.hpp"
#include "app/storage.hpp"
#include "platform/http/server.hpp"
#include "platform/runtime/signals.hpp"

namespace balcao::app::commands {
namespace {

/// Ends with the jobs, which `end_on_signal` stops.
Task<> run_jobs(sandbox::Sandbox& gateway, Loops& loops) {
  co_await gateway.jobs().run();
  loops.stop();
}

Task<> end_on_signal(http::Server& server, sandbox::Sandbox& gateway) {
  co_await termination_signal();
  co_await server.drain(std::chrono::seconds(5));
  gateway.jobs().stop();
}

Task<> migrate(Storage& storage) { co_await storage.migrate(system_clock()); }

}  // namespace

void sandbox(Config const& config, std::string const& host, std::uint16_t port) {
  Loops loops(1);
  http::Server server(loops, host, port, config.limits);
  Storage storage(place_of(config), Storage::Use::shared, loops, {"sandbox"});
  run_to_end(loops[0], migrate(storage));
  sandbox::Sandbox gateway(storage.database("sandbox"), system_clock(), {config.stripe_secret_key});

  server.start(gateway);
  start(loops[0], run_jobs(gateway, loops));
  start(loops[0], end_on_signal(server, gateway));
  std::printf("The sandbox gateway listens on %s (%s)\n", server.address().c_str(),
              config.stripe_secret_key ? "the key is STRIPE_SECRET_KEY" : "any key that begins with sk_test_");
  std::fflush(stdout);
  loops.run();
}

}  // namespace balcao::app::commands

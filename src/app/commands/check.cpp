#include <algorithm>
#include <cstdio>
#include <iterator>

#include "app/commands/commands.hpp"
#include "app/shared_state.hpp"
#include "app/storage.hpp"
#include "platform/http/client.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app::commands {
namespace {

Task<> look_at_schemas(Storage& storage) {
  co_await storage.ping();
  for (auto& schema : storage.schemas()) {
    co_await db::migration_status(*schema.database, schema.name, schema.migrations);
  }
}

/// Nothing is made: a directory that is not there yet is fine if it can be made.
std::optional<std::string> fault_of_storage(Config const& config) {
  std::error_code ignored;
  if (!config.database_url && !std::filesystem::exists(config.data_dir, ignored)) return std::nullopt;
  try {
    Loops loops(1);
    Storage storage(place_of(config), Storage::Use::shared, loops);
    run_to_end(loops[0], look_at_schemas(storage));
    return std::nullopt;
  } catch (std::exception const& error) {
    return (config.database_url ? "DATABASE_URL: " : "") + std::string(error.what());
  }
}

std::optional<std::string> fault_of_shared_state(Config const& config) {
  try {
    Loops loops(1);
    auto const shared = make_shared_state(config, loops, system_clock());
    run_to_end(loops[0], shared->ping());
    return std::nullopt;
  } catch (std::exception const& error) {
    return "REDIS_URL: " + std::string(error.what());
  }
}

Task<> ask(http::Client& client, std::string secret_key, int& status) {
  http::ClientRequest request{
      http::Method::get, "/v1/customers?limit=1", {{"Authorization", "Bearer " + secret_key}}, {}};
  status = (co_await client.send(std::move(request))).status;
}

std::optional<std::string> fault_of_gateway(Config const& config) {
  if (!config.stripe_secret_key) return std::nullopt;
  try {
    Loops loops(1);
    http::Client client({.base_url = config.stripe_api_base});
    int status = 0;
    run_to_end(loops[0], ask(client, *config.stripe_secret_key, status));
    if (status == 200) return std::nullopt;
    return "STRIPE_SECRET_KEY: the gateway at " + config.stripe_api_base + " answers " + std::to_string(status);
  } catch (std::exception const& error) {
    return "STRIPE_API_BASE: " + std::string(error.what());
  }
}

}  // namespace

bool check(Environment const& environment) {
  auto const config = load_config(environment);
  // Where the others are is said to a process that runs a part; which part, only `serve` knows.
  if (!config.auth_url && !config.payments_url) require_wiring(config, {});
  std::vector<std::string> faults;
  for (auto const& fault : {fault_of_storage(config), fault_of_shared_state(config), fault_of_gateway(config)}) {
    if (fault) faults.push_back(*fault);
  }
  auto warnings = config.warnings;
  std::ranges::move(production_warnings(config, {}), std::back_inserter(warnings));
  for (auto const& warning : warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  for (auto const& fault : faults) std::fprintf(stderr, "balcao: %s\n", fault.c_str());
  if (faults.empty()) std::printf("everything is in order\n");
  return faults.empty();
}

}  // namespace balcao::app::commands

#include <unistd.h>

#include <cstdio>
#include <string>

#include "app/commands/commands.hpp"
#include "app/process.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::app::commands {
namespace {

std::string names_of(Selection const& selection) {
  std::string names;
  for (auto const& [runs, name] :
       {std::pair(selection.auth, "auth"), {selection.payments, "payments"}, {selection.products, "products"}}) {
    if (runs) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names;
}

void greet(Config const& config, Selection const& selection, Process const& process) {
  auto const address = process.address();
  std::printf("Balcão %s listens on %s\n\n", std::string(version()).c_str(), address.c_str());
  if (!selection.is_whole()) std::printf("  services       %s\n", names_of(selection).c_str());
  std::printf("  data           %s\n", process.storage().description().c_str());
  if (auto const sandbox = process.sandbox_address()) {
    std::printf("  payments       the sandbox at %s, until STRIPE_SECRET_KEY is set\n", sandbox->c_str());
  }
  auto const* const keys = config.jwt_secret ? "HS256 with JWT_SECRET" : "keys in Auth's database";
  std::printf("  tokens         %s\n", keys);
  std::printf("  API            %s/openapi.json\n", address.c_str());
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

void serve(Config const& config, Selection const& selection) {
  require_wiring(config, selection);
  for (auto const& warning : config.warnings) log::warn(warning);
  for (auto const& warning : production_warnings(config, selection)) log::warn(warning);
  Process process(config, selection);
  greet(config, selection, process);
  process.run();
}

}  // namespace balcao::app::commands

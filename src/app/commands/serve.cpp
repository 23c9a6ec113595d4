#include <string>

#include "app/commands/commands.hpp"
#include "app/process.hpp"
#include "platform/telemetry/background.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/output.hpp"

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
  std::string text = "Balcão " + std::string(version()) + " listens on " + address + "\n\n";
  auto const add = [&text](std::string_view name, std::string const& value) {
    text.append("  ").append(name).append(15 - name.size(), ' ').append(value) += '\n';
  };
  if (!selection.is_whole()) add("services", names_of(selection));
  add("data", process.storage().description());
  if (auto const sandbox = process.sandbox_address()) {
    add("payments", "the sandbox at " + *sandbox + ", until STRIPE_SECRET_KEY is set");
  }
  add("tokens", config.jwt_secret ? "HS256 with JWT_SECRET" : "keys in Auth's database");
  add("API", address + "/openapi.json");
  output::write(output::Stream::out, text + '\n');
}

}  // namespace

void serve(Config const& config, Selection const& selection) {
  log::write_in_background();
  require_wiring(config, selection);
  for (auto const& warning : config.warnings) log::warn(warning);
  for (auto const& warning : production_warnings(config, selection)) log::warn(warning);
  Process process(config, selection);
  greet(config, selection, process);
  process.run();
}

}  // namespace balcao::app::commands

#include <unistd.h>

#include <cstdio>
#include <string>

#include "app/commands/commands.hpp"
#include "app/process.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::app::commands {
namespace {

void greet(Config const& config, Process const& process) {
  auto const data = std::filesystem::absolute(config.data_dir).lexically_normal().string();
  std::printf("Balcão %s listens on %s\n\n", std::string(version()).c_str(), process.address().c_str());
  std::printf("  data           %s\n", data.c_str());
  if (auto const sandbox = process.sandbox_address()) {
    std::printf("  payments       the sandbox at %s, until STRIPE_SECRET_KEY is set\n", sandbox->c_str());
  }
  std::printf("  tokens         %s\n", config.jwt_secret ? "HS256 with JWT_SECRET" : "Ed25519, keys in the database");
  std::printf("  API            %s/openapi.json\n", process.address().c_str());
  std::printf("  administrator  register a user, then: balcao user promote NAME\n\n");
  std::fflush(stdout);
}

}  // namespace

void serve(Config const& config) {
  for (auto const& warning : config.warnings) log::warn(warning);
  Process process(config);
  greet(config, process);
  process.run();
}

}  // namespace balcao::app::commands

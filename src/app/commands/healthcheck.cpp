#include <cstdio>

#include "app/commands/commands.hpp"
#include "platform/http/client.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app::commands {
namespace {

/// Where a server that listens on `host` can be reached from this machine.
std::string reachable(std::string const& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  if (host == "::") return "[::1]";
  return host.contains(':') ? '[' + host + ']' : host;
}

Task<> ask(http::Client& client, int& status) {
  status = (co_await client.send({http::Method::get, "/readyz", {}, {}})).status;
}

}  // namespace

bool healthcheck(Config const& config) {
  auto const address = "http://" + reachable(config.host) + ':' + std::to_string(config.port);
  int status = 0;
  try {
    Loops loops(1);
    http::Client client({.base_url = address, .deadline = std::chrono::seconds(3)});
    run_to_end(loops[0], ask(client, status));
  } catch (http::TransportError const& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return false;
  }
  std::printf("%s/readyz answers %d\n", address.c_str(), status);
  return status == 200;
}

}  // namespace balcao::app::commands

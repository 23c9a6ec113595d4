#include "app/system.hpp"

#include "platform/http/response_cache.hpp"
#include "platform/json/describe.hpp"

namespace balcao::app {
namespace {

using http::Access;
using http::Method;
using http::Ok;
using http::Query;

struct Liveness {
  std::string status;
};
BOOST_DESCRIBE_STRUCT(Liveness, (), (status))

struct Version {
  std::string name;
  std::string version;
};
BOOST_DESCRIBE_STRUCT(Version, (), (name, version))

struct ReadinessQuery {
  std::optional<std::string> verbose;
};
BOOST_DESCRIBE_STRUCT(ReadinessQuery, (), (verbose))

struct Check {
  std::string name;
  std::string status;
  std::optional<std::string> detail{};
};
BOOST_DESCRIBE_STRUCT(Check, (), (name, status, detail))

struct Readiness {
  std::string status;
  std::optional<std::vector<Check>> checks;
};
BOOST_DESCRIBE_STRUCT(Readiness, (), (status, checks))

Task<bool> answers(Task<> ping) {
  try {
    co_await std::move(ping);
    co_return true;
  } catch (std::exception const&) {
    co_return false;
  }
}

Task<std::vector<Check>> look(System& system) {
  std::vector<Check> checks;
  auto const add = [&checks](std::string name, bool well, std::string_view otherwise = "failing") {
    checks.push_back({std::move(name), std::string(well ? "ok" : otherwise), std::nullopt});
  };
  add("draining", !system.draining);
  if (!system.storage) co_return checks;
  for (auto& schema : system.storage->schemas()) {
    add("database " + schema.name, co_await answers(schema.database->ping()));
  }
  add("migrations", system.started, "pending");
  // Without what is shared everything goes on, more slowly: it is waited for at the start, and no reason to send
  // requests elsewhere later.
  add("shared state", co_await answers(system.shared->ping()), system.started ? "degraded" : "failing");
  co_return checks;
}

/// No reason to send requests elsewhere, but one to look at the log.
Task<Check> look_aside(System& system) {
  Check check{"set aside", "ok", std::nullopt};
  try {
    for (auto const& [kind, count] : co_await system.set_aside()) {
      if (count == 0) continue;
      check.status = "degraded";
      check.detail = (check.detail ? *check.detail + ", " : "") + kind + ": " + std::to_string(count);
    }
  } catch (std::exception const&) {
    check.status = "degraded";  // the database is away, which another check says
  }
  co_return check;
}

Task<http::Response> ready(System& system, Query<ReadinessQuery> query) {
  auto checks = co_await look(system);
  if (query.value.verbose && system.started) checks.push_back(co_await look_aside(system));
  bool const all_well = std::ranges::all_of(
      checks, [](Check const& check) { return check.status == "ok" || check.status == "degraded"; });
  Readiness body{all_well ? "ok" : "unavailable", std::nullopt};
  if (query.value.verbose) body.checks = std::move(checks);
  auto response = http::detail::json_response(all_well ? 200 : 503, body);
  response.header("Cache-Control", "no-store");
  if (!all_well) response.header("Retry-After", "1");
  co_return response;
}

Task<Ok<Liveness>> live(System&) { co_return Ok<Liveness>{{"ok"}}; }

Task<Ok<Version>> tell_version(System&) { co_return Ok<Version>{{"balcao", std::string(version())}}; }

Task<http::Response> openapi(System& system) {
  co_return http::Response{200, "application/json", {{"ETag", system.openapi.etag}}, system.openapi.body};
}

}  // namespace

std::string_view version() { return BALCAO_VERSION; }

System::System() : live(http::store(http::detail::json_response(200, Liveness{"ok"}))) {}

http::StoredResponse openapi_response(std::string document) {
  http::Response response{200, "application/json", {}, std::move(document)};
  response.header("ETag", http::etag_of(response.body));
  response.header("Cache-Control", "public, no-cache");
  return http::store(std::move(response));
}

http::Endpoints endpoints(System& system) {
  auto const tag = "System";
  http::Endpoints all{
      http::endpoint(Method::get, "/livez", Access::anyone, {tag, "livez", "Whether the process runs"}, system, live),
      http::endpoint(Method::get, "/readyz", Access::anyone,
                     {tag, "readyz", "Whether it can serve; with `verbose`, each thing that it needs"}, system, ready),
      http::endpoint(Method::get, "/version", Access::anyone, {tag, "version", "Which version this is"}, system,
                     tell_version),
      http::endpoint(Method::get, "/openapi.json", Access::anyone, {tag, "openapi", "This document"}, system, openapi),
  };
  all.front().answer_at_once = [&system](http::Request const&) { return &system.live; };
  all.back().answer_at_once = [&system](http::Request const&) { return &system.openapi; };
  return all;
}

}  // namespace balcao::app

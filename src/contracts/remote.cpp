#include "contracts/remote.hpp"

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"
#include "platform/runtime/loops.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::contracts {
namespace {

constexpr int attempts = 3;
/// Ours come back within seconds, and are asked for with almost every request.
http::Breaker::Options breaker_options(Remote::Patience const& patience) {
  return {.failures = 5,
          .shortest_pause = std::chrono::milliseconds(100),
          .longest_pause = std::chrono::milliseconds(1000),
          .probe_deadline = patience.attempt};
}

/// The header fields that carry a trace on (W3C Trace Context): the same trace, a span of its own.
void pass_on(http::Trace const& trace, http::ClientRequest& request) {
  constexpr std::size_t trace_bytes = 16;
  constexpr std::size_t span_bytes = 8;
  auto const id = trace.trace_id.empty() ? crypto::to_hex(crypto::random_bytes(trace_bytes)) : trace.trace_id;
  request.headers.emplace_back("traceparent",
                               "00-" + id + '-' + crypto::to_hex(crypto::random_bytes(span_bytes)) + "-01");
  if (!trace.request_id.empty()) request.headers.emplace_back("X-Request-Id", trace.request_id);
}

/// A few milliseconds, not the same for everyone.
std::chrono::milliseconds wait_before_retry() {
  return std::chrono::milliseconds(10 + static_cast<unsigned char>(crypto::random_bytes(1).front()) / 4);
}

}  // namespace

std::string at(std::string_view path_template, Uuid const& id) {
  std::string path(path_template);
  return path.replace(path.find("{id}"), 4, id.str());
}

Remote::Remote(std::string name, std::string base_url, ServiceTokens const& tokens, Patience patience)
    : name_(std::move(name)),
      base_url_(std::move(base_url)),
      tokens_(tokens),
      patience_(patience),
      client_({.base_url = base_url_, .deadline = patience.attempt, .idle_connections = 32, .in_flight = 1024}),
      breaker_(breaker_options(patience)),
      retries_({}) {}

Task<std::string> Remote::get(std::string target, http::Trace trace) {
  return call({http::Method::get, std::move(target), {}, {}}, std::move(trace));
}

Task<std::string> Remote::put(std::string target, std::string json, http::Trace trace) {
  http::ClientRequest request{
      http::Method::put, std::move(target), {{"Content-Type", "application/json"}}, std::move(json)};
  return call(std::move(request), std::move(trace));
}

Task<> Remote::remove(std::string target, http::Trace trace) {
  co_await call({http::Method::del, std::move(target), {}, {}}, std::move(trace));
}

Task<std::string> Remote::call(http::ClientRequest request, http::Trace trace) {
  request.headers.emplace_back("Authorization", "Bearer " + tokens_.make());
  pass_on(trace, request);
  auto const end = std::chrono::steady_clock::now() + patience_.call;
  retries_.deposit();
  for (int number = 1;; ++number) {
    auto const pass = breaker_.allow(std::chrono::steady_clock::now());
    if (!pass) throw away();
    auto answer = co_await attempt(request);
    if (answer) {
      breaker_.succeeded(*pass);
      if (is_away_.exchange(false)) log::info("a service answers again", {{"service", name_}});
      co_return std::move(*answer);
    }
    auto const now = std::chrono::steady_clock::now();
    breaker_.failed(*pass, now);
    if (!is_away_.exchange(true)) {
      log::warn("a service does not answer", {{"service", name_}, {"address", base_url_}, {"reason", answer.error()}});
    }
    if (number == attempts || now >= end || !retries_.withdraw()) throw away();
    co_await pause(wait_before_retry());
  }
}

Task<std::expected<std::string, std::string>> Remote::attempt(http::ClientRequest request) {
  try {
    auto response = co_await client_.send(std::move(request));
    if (response.status >= 200 && response.status < 300) co_return std::move(response.body);
    std::string reason = "it answered " + std::to_string(response.status);
    if (response.status == 401) reason += ": SERVICE_KEY, or JWT_SECRET where it is not set, is another there";
    co_return std::unexpected(std::move(reason));
  } catch (http::TransportError const& error) {
    co_return std::unexpected(std::string(error.what()));
  }
}

Problem Remote::away() const {
  return overloaded(name_ + " cannot be reached right now.", name_ + " não está acessível neste momento.");
}

Problem Remote::not_understood() const {
  log::error("a service's answer is not understood", {{"service", name_}, {"address", base_url_}});
  return away();
}

}  // namespace balcao::contracts

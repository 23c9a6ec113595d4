#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "contracts/service_tokens.hpp"
#include "platform/http/breaker.hpp"
#include "platform/http/client.hpp"
#include "platform/http/retry_budget.hpp"
#include "platform/json/codec.hpp"
#include "platform/json/parse.hpp"

namespace balcao::contracts {

/// A service in another process, over HTTP.
///
/// All that is asked of it is idempotent, so a call that fails is made again, at most twice, within its time and a
/// budget that keeps retries from adding to an overload. When one call after another fails, the breaker spares the
/// caller the wait. Whatever goes wrong is a Problem `unavailable`; what it was is in the log.
class Remote {
 public:
  /// How long an answer may take, and a call with all its attempts.
  struct Patience {
    std::chrono::milliseconds attempt;
    std::chrono::milliseconds call;
  };
  /// For what the other service knows by itself.
  static constexpr Patience short_patience{std::chrono::milliseconds(1000), std::chrono::milliseconds(2000)};
  /// For what it asks the payment gateway: by a Remote of its own, so that a slow gateway is nothing against the rest.
  static constexpr Patience gateway_patience{std::chrono::milliseconds(20'000), std::chrono::milliseconds(20'000)};

  /// `name` is the service's, for people. `tokens` must outlive it. Throws std::invalid_argument for an address that is
  /// none.
  Remote(std::string name, std::string base_url, ServiceTokens const& tokens, Patience patience = short_patience);

  /// From coroutines on any loop. `trace` is passed on, so that one trace tells the whole story; an empty one begins
  /// its own.
  Task<std::string> get(std::string target, http::Trace trace);
  Task<> remove(std::string target, http::Trace trace);
  Task<std::string> put(std::string target, std::string json, http::Trace trace);

  /// The answer as a T. Throws Problem `unavailable` where it is none.
  template <class T>
  T read(std::string_view text) const {
    auto const document = json::parse(text);
    auto value = document ? json::decode<T>(*document) : std::nullopt;
    if (!value) throw not_understood();
    return std::move(*value);
  }

 private:
  Task<std::string> call(http::ClientRequest request, http::Trace trace);
  /// The body of a good answer, or why there is none.
  Task<std::expected<std::string, std::string>> attempt(http::ClientRequest request);
  Problem away() const;
  Problem not_understood() const;

  std::string const name_;
  std::string const base_url_;
  ServiceTokens const& tokens_;
  Patience const patience_;
  http::Client client_;
  http::Breaker breaker_;
  http::RetryBudget retries_;
  std::atomic<bool> is_away_ = false;  ///< said once, not for each call
};

/// The path with `{id}` filled in.
std::string at(std::string_view path_template, Uuid const& id);

}  // namespace balcao::contracts

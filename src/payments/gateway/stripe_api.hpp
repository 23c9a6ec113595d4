#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "payments/gateway/stripe.hpp"
#include "platform/http/breaker.hpp"
#include "platform/http/client.hpp"
#include "platform/http/retry_budget.hpp"
#include "platform/http/token_bucket.hpp"
#include "platform/json/value.hpp"

namespace balcao::payments {

/// A refusal with all that Stripe said: an error can bring the object that it is about.
class StripeRefused : public GatewayRefused {
 public:
  StripeRefused(Reason reason, GatewayFault fault, json::Object error)
      : GatewayRefused(reason, std::move(fault)), error_(std::move(error)) {}
  json::Object const& error() const { return error_; }

 private:
  json::Object error_;
};

/// Stripe's HTTP API v1 below its operations: forms in, JSON out (https://docs.stripe.com/api).
///
/// With its official client's retry rules: cut connections, 409 and 5xx are tried again, twice, with the same key,
/// unless `Stripe-Should-Retry` says otherwise; 429 only where it says so. A budget keeps retries from adding to an
/// overload, a breaker spares callers the wait for a gateway that is away, and a token bucket keeps to Stripe's rate
/// limits. From coroutines on any loop. Throws StripeRefused and GatewayUnknown.
class StripeApi {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  explicit StripeApi(StripeSettings settings);

  Task<json::Object> get(std::string path, Fields query);
  Task<json::Object> post(std::string path, Fields fields, std::string idempotency_key);
  Task<json::Object> remove(std::string path);
  /// Shows `visit` each object of a list, page by page, until it returns false. At most 50 000: then the refusal
  /// `list_too_long`.
  Task<> each(std::string path, Fields query, std::function<bool(json::Object const&)> visit);

 private:
  struct Attempt;

  http::ClientRequest request_to(http::Method method, std::string target) const;
  Task<json::Object> exchange(http::ClientRequest request);
  Task<Attempt> attempt(http::ClientRequest request);
  static Attempt judge(http::ClientRequest const& request, http::ClientResponse const& response);

  StripeSettings const settings_;
  http::Client client_;
  http::Breaker breaker_;
  http::RetryBudget retries_;
  std::optional<http::TokenBucket> bucket_;
};

/// A path with the gateway's id in it. An id is opaque text; whatever it is, it stays one segment. Throws
/// GatewayRefused `resource_missing` for one that is empty.
std::string path_to(std::string_view collection, std::string_view id, std::string_view action = {});

}  // namespace balcao::payments

#include "sandbox/transport/api_error.hpp"

#include <algorithm>

#include "platform/json/parse.hpp"

namespace balcao::sandbox {

ApiError ApiError::invalid(std::string message, std::string param, std::string code) {
  return ApiError(400, "invalid_request_error", std::move(message))
      .with_param(std::move(param))
      .with_code(std::move(code));
}

ApiError ApiError::missing(std::string_view what, std::string_view id) {
  return ApiError(404, "invalid_request_error", "No such " + std::string(what) + ": '" + std::string(id) + "'")
      .with_code("resource_missing")
      .with_param("id");
}

ApiError ApiError::internal() {
  return ApiError(500, "api_error", "An unknown error occurred. The outcome of this request is not known.");
}

json::Value ApiError::body() const {
  json::Object error = more_;
  if (!code_.empty()) {
    std::string page = code_;
    std::ranges::replace(page, '_', '-');
    error["code"] = code_;
    error["doc_url"] = "https://stripe.com/docs/error-codes/" + page;
  }
  error["message"] = message_;
  if (!param_.empty()) error["param"] = param_;
  error["type"] = type_;
  return json::Object{{"error", std::move(error)}};
}

http::Response json_response(int status, std::string body) { return {status, "application/json", {}, std::move(body)}; }

http::Response to_response(ApiError const& error) {
  auto response = json_response(error.status(), json::to_text(error.body()));
  if (error.status() == 401) response.header("WWW-Authenticate", "Bearer realm=\"Stripe\"");
  if (error.status() == 429) response.header("Stripe-Rate-Limited-Reason", "endpoint-rate");
  return response;
}

}  // namespace balcao::sandbox

#pragma once

#include <exception>
#include <string>
#include <utility>

#include "platform/http/message.hpp"
#include "platform/json/value.hpp"

namespace balcao::sandbox {

/// A refusal in Stripe's words. Thrown, it says that execution had not begun, and no idempotency key keeps it; what
/// goes wrong later is returned as an Outcome, and is kept.
class ApiError : public std::exception {
 public:
  ApiError(int status, std::string type, std::string message)
      : status_(status), type_(std::move(type)), message_(std::move(message)) {}

  /// 400 `invalid_request_error`; `param` is the parameter at fault, as it was sent: `address[city]`.
  static ApiError invalid(std::string message, std::string param = {}, std::string code = {});
  /// What the id of a URL does not name (404).
  static ApiError missing(std::string_view what, std::string_view id);
  static ApiError internal();

  ApiError&& with_code(std::string code) && {
    code_ = std::move(code);
    return std::move(*this);
  }
  ApiError&& with_param(std::string param) && {
    param_ = std::move(param);
    return std::move(*this);
  }
  /// What else the error says: `decline_code`, `payment_intent`.
  ApiError&& with_member(std::string_view name, json::Value value) && {
    more_[name] = std::move(value);
    return std::move(*this);
  }

  int status() const { return status_; }
  std::string const& code() const { return code_; }
  std::string const& param() const { return param_; }
  char const* what() const noexcept override { return message_.c_str(); }

  /// `{"error": {…}}`
  json::Value body() const;

 private:
  int status_;
  std::string type_;
  std::string code_;
  std::string message_;
  std::string param_;
  json::Object more_;
};

http::Response json_response(int status, std::string body);

/// With the headers that its status asks for.
http::Response to_response(ApiError const& error);

}  // namespace balcao::sandbox

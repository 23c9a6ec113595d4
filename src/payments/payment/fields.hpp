#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "platform/fields.hpp"

namespace balcao::payments {

/// An amount that the gateway takes: at most eight digits of the currency's minor unit.
using Amount = BoundedInteger<1, 99'999'999>;

/// When the money is taken: `automatic`, at once; or `manual`, by a capture within 7 days.
class CaptureMethod {
 public:
  static std::expected<CaptureMethod, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return text_; }
  bool is_manual() const { return text_ == "manual"; }

 private:
  explicit CaptureMethod(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Why money is given back, in the gateway's words.
class RefundReason {
 public:
  static std::expected<RefundReason, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return text_; }

 private:
  explicit RefundReason(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace balcao::payments

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "platform/fields.hpp"

namespace balcao::payments {

/// An amount that the gateway takes: at most eight digits of the currency's minor unit.
using Amount = BoundedInteger<1, 99'999'999>;

/// What someone pays with: a payment method at the gateway (`pm_…`), `pix` or `boleto`.
class PaymentMethod {
 public:
  static std::expected<PaymentMethod, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return text_; }

 private:
  explicit PaymentMethod(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

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

/// A CPF or a CNPJ, with or without its dots; the check digits are right. Kept as its digits (and letters, in a CNPJ).
class TaxId {
 public:
  static std::expected<TaxId, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return text_; }

 private:
  explicit TaxId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace balcao::payments

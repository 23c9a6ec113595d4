#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "platform/fields.hpp"
#include "platform/json/describe.hpp"

namespace balcao::contracts {

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

/// Who pays, as clients say it.
struct BillingRequest {
  BoundedText<1, 256> name;
  Email email;
  std::optional<TaxId> tax_id;
  std::optional<BoundedText<1, 200>> line1;
  std::optional<BoundedText<1, 200>> city;
  std::optional<BoundedText<2, 2>> state;
  std::optional<BoundedText<8, 9>> postal_code;
};
BOOST_DESCRIBE_STRUCT(BillingRequest, (), (name, email, tax_id, line1, city, state, postal_code))

/// Who pays, for what needs it: Pix and boleto. The country is Brazil.
struct Billing {
  std::string name;
  std::string email;
  std::string tax_id;  ///< CPF or CNPJ
  std::string line1;
  std::string city;
  std::string state;
  std::string postal_code;
};
BOOST_DESCRIBE_STRUCT(Billing, (), (name, email, tax_id, line1, city, state, postal_code))

/// What someone pays with, of which it is known that it goes together.
struct PayWith {
  std::string method;                           ///< `card`, `pix`, `boleto`
  std::optional<std::string> payment_method{};  ///< `pm_…`, of a card
  std::optional<Billing> billing{};             ///< of Pix and boleto

  bool needs_brl() const { return method != "card"; }
};
BOOST_DESCRIBE_STRUCT(PayWith, (), (method, payment_method, billing))

/// Nothing where there is no method. Problem invalid_fields where the two do not go together.
std::optional<PayWith> pay_with(std::optional<PaymentMethod> const& method,
                                std::optional<BillingRequest> const& billing);

/// As it rests in a database, and read again.
std::string to_json(PayWith const& with);
std::optional<PayWith> read_pay_with(std::string_view text);

}  // namespace balcao::contracts

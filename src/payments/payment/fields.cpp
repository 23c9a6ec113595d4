#include "payments/payment/fields.hpp"

#include <algorithm>
#include <array>

#include "platform/tax_id.hpp"

namespace balcao::payments {
namespace {

constexpr std::size_t longest_id = 255;
constexpr std::array<std::string_view, 3> refund_reasons{"duplicate", "fraudulent", "requested_by_customer"};

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

std::expected<PaymentMethod, Text> PaymentMethod::parse(std::string_view text) {
  bool const is_id =
      text.starts_with("pm_") && text.size() > 3 && text.size() <= longest_id && std::ranges::all_of(text, is_word);
  if (is_id || text == "pix" || text == "boleto") return PaymentMethod(std::string(text));
  return std::unexpected(Text{"must be a payment method of the gateway (pm_…), pix or boleto",
                              "deve ser um método de pagamento do gateway (pm_…), pix ou boleto"});
}

json::Value PaymentMethod::schema() {
  return {{"type", "string"}, {"pattern", "^(pm_[0-9A-Za-z_]{1,252}|pix|boleto)$"}, {"example", "pm_card_visa"}};
}

std::expected<CaptureMethod, Text> CaptureMethod::parse(std::string_view text) {
  if (text == "automatic" || text == "manual") return CaptureMethod(std::string(text));
  return std::unexpected(Text{"must be automatic or manual", "deve ser automatic ou manual"});
}

json::Value CaptureMethod::schema() {
  return {{"type", "string"}, {"enum", json::Array{"automatic", "manual"}}, {"default", "automatic"}};
}

std::expected<RefundReason, Text> RefundReason::parse(std::string_view text) {
  if (std::ranges::find(refund_reasons, text) != refund_reasons.end()) return RefundReason(std::string(text));
  return std::unexpected(Text{"must be duplicate, fraudulent or requested_by_customer",
                              "deve ser duplicate, fraudulent ou requested_by_customer"});
}

json::Value RefundReason::schema() {
  return {{"type", "string"}, {"enum", json::Array(refund_reasons.begin(), refund_reasons.end())}};
}

std::expected<TaxId, Text> TaxId::parse(std::string_view text) {
  if (auto id = read_tax_id(text)) return TaxId(std::move(*id));
  return std::unexpected(Text{"must be a CPF or CNPJ whose check digits are right",
                              "deve ser um CPF ou CNPJ com os dígitos verificadores corretos"});
}

json::Value TaxId::schema() { return {{"type", "string"}, {"example", "529.982.247-25"}}; }

}  // namespace balcao::payments

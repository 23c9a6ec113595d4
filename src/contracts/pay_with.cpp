#include "contracts/pay_with.hpp"

#include <algorithm>

#include "platform/tax_id.hpp"

namespace balcao::contracts {
namespace {

constexpr std::size_t longest_id = 255;

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::string text_or_empty(auto const& field) { return field ? field->str() : std::string(); }

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

std::expected<TaxId, Text> TaxId::parse(std::string_view text) {
  if (auto id = read_tax_id(text)) return TaxId(std::move(*id));
  return std::unexpected(Text{"must be a CPF or CNPJ whose check digits are right",
                              "deve ser um CPF ou CNPJ com os dígitos verificadores corretos"});
}

json::Value TaxId::schema() { return {{"type", "string"}, {"example", "529.982.247-25"}}; }

std::optional<PayWith> pay_with(std::optional<PaymentMethod> const& asked,
                                std::optional<BillingRequest> const& billing) {
  bool const is_card = asked && asked->str().starts_with("pm_");
  if (billing && (!asked || is_card)) {
    throw invalid_field("/billing", {"goes with pix and boleto only", "só vale com pix e boleto"});
  }
  if (!asked) return std::nullopt;
  if (is_card) return PayWith{.method = "card", .payment_method = asked->str()};

  PayWith with{.method = asked->str(), .billing = Billing{}};
  if (billing) {
    with.billing = Billing{.name = billing->name.str(),
                           .email = billing->email.str(),
                           .tax_id = text_or_empty(billing->tax_id),
                           .line1 = text_or_empty(billing->line1),
                           .city = text_or_empty(billing->city),
                           .state = text_or_empty(billing->state),
                           .postal_code = text_or_empty(billing->postal_code)};
  }
  if (with.method == "pix") return with;
  if (!billing || !billing->tax_id || !billing->line1 || !billing->city || !billing->state || !billing->postal_code) {
    throw invalid_field("/billing", {"a boleto needs name, email, tax_id, line1, city, state and postal_code",
                                     "um boleto precisa de name, email, tax_id, line1, city, state e postal_code"});
  }
  return with;
}

std::string to_json(PayWith const& with) { return json::encode(with); }

std::optional<PayWith> read_pay_with(std::string_view text) {
  auto const document = json::parse(text);
  return document ? json::decode<PayWith>(*document) : std::nullopt;
}

}  // namespace balcao::contracts

#include "payments/payment/fields.hpp"

#include <algorithm>
#include <array>

namespace balcao::payments {
namespace {

constexpr std::size_t longest_id = 255;
constexpr std::array<std::string_view, 3> refund_reasons{"duplicate", "fraudulent", "requested_by_customer"};

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// The digit that makes the sum of `values`, weighted from the right by 2, 3, … up to `largest`, fit (modulus 11).
int check_digit(std::string_view text, int largest) {
  int sum = 0;
  int weight = 2;
  for (auto c = text.rbegin(); c != text.rend(); ++c) {
    sum += (*c - '0') * weight;  // in a CNPJ letters count by their ASCII code less 48, as digits do
    weight = weight == largest ? 2 : weight + 1;
  }
  int const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}

bool has_check_digits(std::string_view text, int largest) {
  auto const body = text.substr(0, text.size() - 2);
  auto const first = static_cast<char>('0' + check_digit(body, largest));
  auto const second = static_cast<char>('0' + check_digit(std::string(body) + first, largest));
  return text[text.size() - 2] == first && text.back() == second;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_cpf(std::string_view text) {
  if (text.size() != 11 || !std::ranges::all_of(text, is_digit)) return false;
  if (std::ranges::all_of(text, [&](char c) { return c == text.front(); })) return false;  // 111.111.111-11 and so on
  return has_check_digits(text, 11);
}

bool is_cnpj(std::string_view text) {
  auto const fits = [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); };
  if (text.size() != 14 || !std::ranges::all_of(text, fits) || !std::ranges::all_of(text.substr(12), is_digit))
    return false;
  return text != "00000000000000" && has_check_digits(text, 9);
}

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
  std::string bare;
  for (char const c : text) {
    if (c == '.' || c == '-' || c == '/' || c == ' ') continue;
    bare += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  if (is_cpf(bare) || is_cnpj(bare)) return TaxId(std::move(bare));
  return std::unexpected(Text{"must be a CPF or CNPJ whose check digits are right",
                              "deve ser um CPF ou CNPJ com os dígitos verificadores corretos"});
}

json::Value TaxId::schema() { return {{"type", "string"}, {"example", "529.982.247-25"}}; }

}  // namespace balcao::payments

#include "platform/fields.hpp"

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>

namespace balcao {
namespace {

/// ISO 4217 codes of currencies in use, as of 2026; funds, metals and test codes left out.
constexpr std::string_view currency_codes =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP "
    "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF "
    "IDR "
    "ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK "
    "MNT "
    "MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR "
    "SBD "
    "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED "
    "VES "
    "VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ";

constexpr bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_domain_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_email(std::string_view text) {
  auto const at = text.find('@');
  if (text.size() > 254 || at == std::string_view::npos || at == 0 || at > 64) return false;
  auto const local = text.substr(0, at);
  constexpr std::string_view marks = ".!#$%&'*+/=?^_`{|}~-";
  if (!std::ranges::all_of(local, [&](char c) { return is_letter_or_digit(c) || marks.contains(c); })) return false;

  auto domain = text.substr(at + 1);
  for (;;) {
    auto const dot = domain.find('.');
    if (!is_domain_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

}  // namespace

namespace detail {

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::expected<void, Text> check_text(std::string_view text, std::size_t min, std::size_t max) {
  auto const length = count_code_points(text);
  if (length < min || length > max) {
    auto const low = std::to_string(min);
    auto const high = std::to_string(max);
    return std::unexpected(Text{"It must have " + low + " to " + high + " characters.",
                                "Deve ter de " + low + " a " + high + " caracteres."});
  }
  bool const has_control = std::ranges::any_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
  });
  if (has_control) {
    return std::unexpected(Text{"It must not contain control characters.", "Não pode conter caracteres de controle."});
  }
  return {};
}

json::Value text_schema(std::size_t min, std::size_t max) {
  return {{"type", "string"}, {"minLength", min}, {"maxLength", max}};
}

std::expected<void, Text> check_integer(std::int64_t number, std::int64_t min, std::int64_t max) {
  if (number >= min && number <= max) return {};
  auto const low = std::to_string(min);
  auto const high = std::to_string(max);
  return std::unexpected(
      Text{"It must be from " + low + " to " + high + ".", "Deve estar entre " + low + " e " + high + "."});
}

json::Value integer_schema(std::int64_t min, std::int64_t max) {
  return {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
}

/// `must be a, b or c`
Text none_of(std::span<std::string_view const> words) {
  Text list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    bool const last = i + 1 == words.size();
    list.en += (i == 0 ? "" : last ? " or " : ", ") + std::string(words[i]);
    list.pt += (i == 0 ? "" : last ? " ou " : ", ") + std::string(words[i]);
  }
  return {"It must be " + list.en + '.', "Deve ser " + list.pt + '.'};
}

json::Value choice_schema(std::span<std::string_view const> words) {
  return {{"type", "string"}, {"enum", json::Array(words.begin(), words.end())}};
}

}  // namespace detail

std::expected<Email, Text> Email::parse(std::string_view text) {
  if (is_email(text)) return Email(std::string(text));
  return std::unexpected(Text{"It must be an e-mail address.", "Deve ser um endereço de e-mail."});
}

json::Value Email::schema() { return {{"type", "string"}, {"format", "email"}, {"maxLength", 254}}; }

std::expected<Currency, Text> Currency::parse(std::string_view text) {
  std::string code(text);
  std::ranges::transform(code, code.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  if (code.size() == 3 && currency_codes.contains(code + ' ')) return Currency(std::move(code));
  return std::unexpected(Text{"It must be a currency's ISO 4217 code, such as BRL.",
                              "Deve ser o código ISO 4217 de uma moeda, como BRL."});
}

json::Value Currency::schema() {
  return {{"type", "string"}, {"pattern", "^[A-Za-z]{3}$"}, {"description", "ISO 4217 code, such as BRL"}};
}

std::expected<WebAddress, Text> WebAddress::parse(std::string_view text) {
  auto const url = boost::urls::parse_uri(text);
  bool const is_web = url && (url->scheme() == "http" || url->scheme() == "https") && !url->host().empty();
  if (is_web && text.size() <= 2048 && !url->has_userinfo() && (url->port().empty() || url->port_number() != 0)) {
    return WebAddress(std::string(text));
  }
  return std::unexpected(Text{"It must be an http or https address.", "Deve ser um endereço http ou https."});
}

json::Value WebAddress::schema() { return {{"type", "string"}, {"format", "uri"}, {"maxLength", 2048}}; }

}  // namespace balcao

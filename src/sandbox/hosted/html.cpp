#include "sandbox/hosted/html.hpp"

#include <algorithm>
#include <array>

#include "platform/crypto/hash.hpp"
#include "platform/http/html.hpp"

namespace balcao::sandbox {

std::string_view embedded(std::string_view name);

namespace hosted {
namespace {

Text const test_mode{"Test mode: no money moves.", "Modo de teste: nenhum dinheiro muda de mãos."};

/// Currencies without a minor unit: https://docs.stripe.com/currencies#zero-decimal
constexpr std::array<std::string_view, 16> whole_currencies{"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga",
                                                            "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"};

std::string symbol(std::string_view currency) {
  if (currency == "brl") return "R$";
  if (currency == "usd") return "US$";
  if (currency == "eur") return "€";
  std::string code(currency);
  for (char& letter : code) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return code;
}

/// `scheme://host:port`; nothing where it holds what a policy would read otherwise.
std::string origin_of(std::string_view url) {
  auto const scheme = url.find("://");
  if (scheme == url.npos) return {};
  auto const origin = url.substr(0, std::min(url.find_first_of("/?#", scheme + 3), url.size()));
  bool const fits = std::ranges::all_of(origin, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-:/[]").find(c) != std::string_view::npos;
  });
  return fits ? std::string(origin) : std::string();
}

}  // namespace

std::string money(std::int64_t amount, std::string_view currency, Language language) {
  bool const pt = language == Language::portuguese;
  bool const whole = std::ranges::find(whole_currencies, currency) != whole_currencies.end();
  auto digits = std::to_string(whole ? amount : amount / 100);
  for (auto at = std::ssize(digits) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, pt ? '.' : ',');
  }
  if (!whole) {
    auto const cents = std::to_string(amount % 100 + 100).substr(1);
    digits += (pt ? "," : ".") + cents;
  }
  return symbol(currency) + "\u00a0" + digits;
}

http::Response page(int status, Language language, Text const& title, std::string_view content,
                    std::initializer_list<std::string_view> targets) {
  std::string html(embedded("hosted.html"));
  auto const style = embedded("hosted.css");
  http::fill(html, "{{lang}}", language == Language::portuguese ? "pt-BR" : "en");
  http::fill(html, "{{style}}", style);
  http::fill(html, "{{test}}", test_mode.in(language));
  http::fill(html, "{{title}}", http::escape_html(title.in(language)));
  http::fill(html, "{{content}}", content);
  std::string forms = "'self'";
  for (auto const target : targets) forms += ' ' + origin_of(target);
  http::Response response{status, "text/html; charset=utf-8", {}, std::move(html)};
  response.header("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'sha256-" +
                                                 crypto::to_base64(crypto::sha256(style)) + "'; form-action " + forms +
                                                 "; frame-ancestors 'none'; base-uri 'none'");
  response.header("Referrer-Policy", "no-referrer");
  response.header("X-Content-Type-Options", "nosniff");
  response.header("Cache-Control", "no-store");
  return response;
}

http::Response see_other(std::string location) {
  http::Response response{303, {}, {}, {}};
  response.header("Location", std::move(location));
  response.header("Cache-Control", "no-store");
  response.header("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace hosted
}  // namespace balcao::sandbox

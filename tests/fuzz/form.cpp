// What a form or a percent-encoded text gives is UTF-8, and is the same when it is encoded and decoded again.
#include <cstdint>
#include <cstdlib>

#include "platform/http/extract.hpp"
#include "platform/json/parse.hpp"

namespace http = balcao::http;
namespace json = balcao::json;

namespace {

std::string encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (char const c : text) {
    encoded += '%';
    encoded += digits[static_cast<unsigned char>(c) >> 4];
    encoded += digits[static_cast<unsigned char>(c) & 15];
  }
  return encoded;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  for (bool const plus_is_space : {false, true}) {
    auto const decoded = http::percent_decode(text, plus_is_space);
    if (!decoded) continue;
    require(json::is_utf8(*decoded));
    require(http::percent_decode(encode(*decoded), plus_is_space) == decoded);
  }
  auto const form = http::read_form(text);
  if (!form) return 0;
  std::string again;
  for (auto const& [name, value] : *form) again += encode(name) + '=' + encode(value.as_string()) + '&';
  require(http::read_form(again) == form);
  return 0;
}

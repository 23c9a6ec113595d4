// What is read as JSON must be written as JSON that is read as the same.
#include <cstdint>
#include <cstdlib>

#include "platform/json/parse.hpp"

namespace json = balcao::json;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  bool const is_utf8 = json::is_utf8(text);
  auto const document = json::parse(text);
  if (!document) return 0;
  if (!is_utf8) std::abort();
  auto const written = json::to_text(*document);
  auto const again = json::parse(written);
  if (!again) std::abort();
  bool const has_double = written.contains('E');  // which may lose its last digit
  if (!has_double && *again != *document) std::abort();
  return 0;
}

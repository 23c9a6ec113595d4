// The gateway's nested forms: whatever is taken has a canonical text, which does not depend on who reads it.
#include <cstdint>
#include <cstdlib>

#include "platform/card_number.hpp"
#include "platform/json/parse.hpp"
#include "sandbox/transport/form.hpp"

namespace sandbox = balcao::sandbox;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  auto const form = sandbox::parse_form(text);
  if (!form) return 0;
  auto const canonical = sandbox::canonical_text(*form);
  if (!balcao::json::is_utf8(canonical)) std::abort();
  auto const again = sandbox::parse_form(text);
  if (!again || sandbox::canonical_text(*again) != canonical) std::abort();
  balcao::holds_card_number(*form);
  return 0;
}

// A cursor that is taken is one that we make: written again, it is the same.
#include <cstdint>
#include <cstdlib>

#include "platform/crypto/hash.hpp"
#include "platform/json/parse.hpp"
#include "products/catalog/cursor.hpp"

namespace products = balcao::products;

namespace {

void try_cursor(std::string_view cursor) {
  for (auto const order : {products::Order::newest, products::Order::oldest, products::Order::cheapest,
                           products::Order::dearest, products::Order::name_up, products::Order::name_down}) {
    auto const position = products::parse_cursor(cursor, order);
    if (!position) continue;
    auto const* name = std::get_if<std::string>(&position->key);
    if (name && !balcao::json::is_utf8(*name)) std::abort();
    auto const again = products::parse_cursor(products::to_cursor(*position, order), order);
    if (!again || again->id != position->id || again->key != position->key) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  try_cursor(bytes);
  try_cursor(balcao::crypto::to_base64url(bytes));
  return 0;
}

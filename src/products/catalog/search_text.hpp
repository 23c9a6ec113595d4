#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace balcao::products {

/// The words of a text as search knows them, each once, in their order: letters and digits, without case and accents,
/// at most 40 bytes of each and 256 of them. All else stands between words. `text` is UTF-8.
std::vector<std::string> words_of(std::string_view text);

/// What `products.search_text` must hold of a product, on both engines; whoever inserts a product or renames one writes
/// it. A space between two words.
std::string search_text_of(std::string_view name, std::string_view description);

}  // namespace balcao::products

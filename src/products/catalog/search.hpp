#pragma once

#include "products/catalog/word_store.hpp"

namespace balcao::products {

/// Makes of a text what products are looked for by: each of its words stands for all words that begin so, or, where no
/// product has one, for those that it may be a misspelling of. A text of more than eight words counts by the first
/// eight.
class Search {
 public:
  /// `words` must outlive it.
  explicit Search(WordStore& words) : words_(words) {}

  /// What the products of this request must have; nothing where no product can have it all.
  Task<std::optional<std::vector<Term>>> terms_of(ListRequest const& request);

 private:
  WordStore& words_;
};

}  // namespace balcao::products

#include "products/catalog/search.hpp"

#include "products/catalog/search_text.hpp"
#include "products/catalog/spelling.hpp"

namespace balcao::products {
namespace {

constexpr std::size_t most_terms = 8;

/// Whether it must be known how many products have a word: where another way to them might be shorter.
bool needs_counts(ListRequest const& request, std::size_t terms) {
  bool const by_age = request.order == Order::newest || request.order == Order::oldest;
  return terms > 1 || !by_age || request.owner || request.currency || request.min_price || request.max_price;
}

}  // namespace

Task<std::optional<std::vector<Term>>> Search::terms_of(ListRequest const& request) {
  std::vector<Term> terms;
  auto sought = words_of(request.text.value());
  if (sought.empty()) co_return std::nullopt;
  if (sought.size() > most_terms) sought.resize(most_terms);

  auto const count = needs_counts(request, sought.size()) ? few_products(request.order) + 1 : 0;
  auto const begun = co_await words_.beginning_with(sought, count);
  for (std::size_t i = 0; i < sought.size(); ++i) {
    auto& term = terms.emplace_back();
    for (auto const& [word, products] : begun[i]) {
      term.words.push_back(word);
      term.products += products;
    }
    if (!term.words.empty()) {
      term.patterns.push_back("% " + sought[i] + '%');
      continue;
    }
    term.words = closest_to(sought[i], co_await words_.spelt(spellings_to_try(sought[i])));
    if (term.words.empty()) co_return std::nullopt;
    for (auto const& word : term.words) term.patterns.push_back("% " + word + " %");
    term.products = few_products(request.order) + 1;
  }
  co_return terms;
}

}  // namespace balcao::products

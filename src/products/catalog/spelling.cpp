#include "products/catalog/spelling.hpp"

#include <algorithm>
#include <unordered_set>

#include "products/catalog/model.hpp"

namespace balcao::products {
namespace {

constexpr std::size_t most_tries = 512;

bool is_guessed_at(std::string_view word) {
  return word.size() >= 4 && word.size() <= 20 &&
         std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// Gathers texts, each once, up to a number.
class Gathering {
 public:
  explicit Gathering(std::size_t most) : most_(most) {}
  void add(std::string text) {
    if (texts_.size() < most_ && seen_.insert(text).second) texts_.push_back(std::move(text));
  }
  void add_with_deletions(std::string const& word) {
    add(word);
    for (std::size_t i = 0; i < word.size(); ++i) add(std::string(word).erase(i, 1));
  }
  std::vector<std::string> take() { return std::move(texts_); }

 private:
  std::size_t const most_;
  std::unordered_set<std::string> seen_;
  std::vector<std::string> texts_;
};

}  // namespace

std::vector<std::string> spellings_of(std::string_view word) {
  if (!is_guessed_at(word)) return {};
  Gathering spellings(word.size() + 1);
  spellings.add_with_deletions(std::string(word));
  return spellings.take();
}

std::vector<std::string> spellings_to_try(std::string_view word) {
  if (!is_guessed_at(word)) return {};
  constexpr std::string_view vowels = "aeiou";
  Gathering tries(most_tries);
  std::string const meant(word);
  tries.add_with_deletions(meant);
  for (std::size_t i = 0; i + 1 < meant.size(); ++i) {
    auto swapped = meant;
    std::swap(swapped[i], swapped[i + 1]);
    tries.add_with_deletions(swapped);
  }
  for (std::size_t i = 0; i < meant.size(); ++i) {
    if (!vowels.contains(meant[i])) continue;
    for (char const vowel : vowels) {
      auto exchanged = meant;
      exchanged[i] = vowel;
      tries.add_with_deletions(exchanged);
    }
  }
  for (std::size_t i = 0; i < meant.size(); ++i) tries.add_with_deletions(std::string(meant).erase(i, 1));
  return tries.take();
}

std::size_t errors_between(std::string_view one, std::string_view other) {
  std::vector<std::size_t> before_last(other.size() + 1);
  std::vector<std::size_t> last(other.size() + 1);
  std::vector<std::size_t> current(other.size() + 1);
  for (std::size_t j = 0; j <= other.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      std::size_t const replaced = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      current[j] = std::min({replaced, last[j] + 1, current[j - 1] + 1});
      bool const swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
      if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, current);
  }
  return last[other.size()];
}

std::vector<std::string> closest_to(std::string_view word, std::vector<std::string> const& others) {
  auto fewest = word.size() < 6 ? std::size_t{1} : std::size_t{2};
  std::vector<std::string> closest;
  for (auto const& other : others) {
    auto const errors = errors_between(word, other);
    if (errors > fewest) continue;
    if (errors < fewest) closest.clear();
    fewest = errors;
    closest.push_back(other);
  }
  std::ranges::sort(closest);
  if (closest.size() > most_alternatives) closest.resize(most_alternatives);
  return closest;
}

}  // namespace balcao::products

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/db/database.hpp"
#include "products/catalog/model.hpp"

namespace balcao::products {

/// The words that products are found by, in the database. Fails as db::Database does.
class WordStore {
 public:
  struct Word {
    std::string word;
    std::int64_t products;  ///< that have it, counted up to the number that was asked for
  };
  struct Unindexed {
    Id<Product> id;
    std::string name;
    std::string description;
  };

  explicit WordStore(db::Database& database) : database_(database) {}

  /// For each prefix the first 32 words in the alphabet that begin with it, their products counted up to `count`.
  Task<std::vector<std::vector<Word>>> beginning_with(std::vector<std::string> prefixes, std::int64_t count);
  /// At most 500 words of products that are kept under any of these spellings; of 512 at most.
  Task<std::vector<std::string>> spelt(std::vector<std::string> spellings);

  /// The next 500 words of the alphabet, and whether the spellings of each are known.
  Task<std::vector<std::pair<std::string, bool>>> after(std::string word);
  /// Those of the words whose spellings are known.
  Task<std::vector<std::string>> known(std::vector<std::string> words);
  /// Keeps the spellings of each word (see spellings_of), the first of which is the word.
  Task<> learn(std::vector<std::vector<std::string>> spellings_of_words);

  /// Some of the kept spellings, in order.
  struct Kept {
    std::string spelling;  ///< with `word` the last of them: where the next ones begin
    std::string word;
    std::vector<std::string> unused;  ///< words among them that no product has any more
  };
  /// The next 5,000 behind this one; nothing at the end.
  Task<std::optional<Kept>> kept_after(std::string spelling, std::string word);
  /// Removes the spellings of each word (see spellings_of), the first of which is the word, unless a product has it.
  Task<> forget(std::vector<std::vector<std::string>> spellings_of_words);

  /// Some of the products whose search_text is missing.
  Task<std::vector<Unindexed>> unindexed();
  /// Writes what they are found by, where it is missing still.
  Task<> index(std::vector<Unindexed> products);

 private:
  db::Database& database_;
};

}  // namespace balcao::products

#include "products/catalog/word_store.hpp"

#include <algorithm>
#include <iterator>

#include "platform/db/many_values.hpp"
#include "products/catalog/search_text.hpp"

namespace balcao::products {
namespace {

using db::Statement;

// From one word to the next by the index, however many products have it.
constexpr Statement beginning_with_sql{"products.words_beginning_with", R"(
SELECT word, (SELECT count(*) FROM
  (SELECT 1 AS one FROM products.search_words AS known WHERE known.word = begun.word LIMIT $3) AS counted)
FROM (
  WITH RECURSIVE begun(word) AS (
    SELECT min(word) FROM products.search_words WHERE word >= $1 AND word < $2
    UNION ALL
    SELECT (SELECT min(next.word) FROM products.search_words AS next WHERE next.word > begun.word AND next.word < $2)
    FROM begun WHERE begun.word IS NOT NULL
  )
  SELECT word FROM begun WHERE word IS NOT NULL LIMIT 32
) AS begun)"};

constexpr Statement after_sql{"products.words_after", R"(
SELECT word, EXISTS (
  SELECT 1 FROM products.search_spellings AS known
  WHERE known.spelling = following.word AND known.word = following.word)
FROM (
  WITH RECURSIVE following(word) AS (
    SELECT min(word) FROM products.search_words WHERE word > $1
    UNION ALL
    SELECT (SELECT min(next.word) FROM products.search_words AS next WHERE next.word > following.word)
    FROM following WHERE following.word IS NOT NULL
  )
  SELECT word FROM following WHERE word IS NOT NULL LIMIT 500
) AS following)"};

constexpr Statement unindexed_sql{"products.unindexed", R"(
SELECT id, name, description FROM products.products WHERE search_text IS NULL ORDER BY id LIMIT 200)"};

constexpr Statement index_sql{"products.index", R"(
UPDATE products.products SET search_text = $2
WHERE id = $1 AND search_text IS NULL AND name = $3 AND description = $4)"};

db::ManyValues::Size spelt_sql(std::size_t spellings) {
  return {spellings, "SELECT DISTINCT word FROM products.search_spellings AS kept WHERE spelling IN (" +
                         db::placeholders(spellings) + R"()
AND (SELECT used.word FROM products.search_words AS used WHERE used.word = kept.word LIMIT 1) IS NOT NULL LIMIT 500)"};
}

db::ManyValues const& spelt_statement() {
  static db::ManyValues const statement("products.words_spelt", {spelt_sql(128), spelt_sql(512)});
  return statement;
}

db::ManyValues::Size known_sql(std::size_t words) {
  return {words, "SELECT word FROM products.search_spellings WHERE spelling = word AND spelling IN (" +
                     db::placeholders(words) + ')'};
}

db::ManyValues const& known_statement() {
  static db::ManyValues const statement("products.words_known", {known_sql(8), known_sql(64), known_sql(256)});
  return statement;
}

/// The word comes first, and is a spelling too.
db::ManyValues::Size learn_sql(std::size_t spellings) {
  std::string sql = "INSERT INTO products.search_spellings (word, spelling) VALUES ($1, $1)";
  for (std::size_t i = 2; i <= spellings; ++i) sql += ", ($1, $" + std::to_string(i) + ')';
  return {spellings, sql + " ON CONFLICT DO NOTHING"};
}

constexpr Statement kept_after_sql{"products.spellings_after", R"(
SELECT spelling, word, spelling = word AND NOT EXISTS (
  SELECT 1 FROM products.search_words AS used WHERE used.word = kept.word)
FROM products.search_spellings AS kept
WHERE (spelling, word) > ($1, $2) ORDER BY spelling, word LIMIT 5000)"};

/// The word comes first, and is a spelling too.
db::ManyValues::Size forget_sql(std::size_t spellings) {
  return {spellings, "DELETE FROM products.search_spellings WHERE word = $1 AND spelling IN (" +
                         db::placeholders(spellings) +
                         ") AND NOT EXISTS (SELECT 1 FROM products.search_words AS used WHERE used.word = $1)"};
}

db::ManyValues const& forget_statement() {
  static db::ManyValues const statement("products.forget_word", {forget_sql(10), forget_sql(21)});
  return statement;
}

/// A word has 21 spellings at most.
db::ManyValues const& learn_statement() {
  static db::ManyValues const statement("products.learn_word", {learn_sql(10), learn_sql(21)});
  return statement;
}

}  // namespace

Task<std::vector<std::vector<WordStore::Word>>> WordStore::beginning_with(std::vector<std::string> prefixes,
                                                                          std::int64_t count) {
  static constexpr std::string_view last_code_point = "\xf4\x8f\xbf\xbf";
  std::vector<db::Call> calls;
  calls.reserve(prefixes.size());
  for (auto const& prefix : prefixes) {
    calls.push_back(db::call(beginning_with_sql, prefix, prefix + std::string(last_code_point), count));
  }
  std::vector<std::vector<Word>> found;
  for (auto const& rows : co_await database_.batch(std::move(calls))) {
    auto& words = found.emplace_back();
    for (auto const& row : rows) words.push_back({row.get<std::string>(0), row.get<std::int64_t>(1)});
  }
  co_return found;
}

Task<std::vector<std::string>> WordStore::spelt(std::vector<std::string> spellings) {
  std::vector<std::string> words;
  if (spellings.empty()) co_return words;
  for (auto const& rows : co_await database_.batch(spelt_statement().calls(spellings))) {
    for (auto const& row : rows) words.push_back(row.get<std::string>(0));
  }
  co_return words;
}

Task<std::vector<std::pair<std::string, bool>>> WordStore::after(std::string word) {
  std::vector<std::pair<std::string, bool>> words;
  for (auto const& row : co_await database_.query(after_sql, word)) {
    words.emplace_back(row.get<std::string>(0), row.get<bool>(1));
  }
  co_return words;
}

Task<std::vector<std::string>> WordStore::known(std::vector<std::string> words) {
  std::vector<std::string> found;
  if (words.empty()) co_return found;
  for (auto const& rows : co_await database_.batch(known_statement().calls(words))) {
    for (auto const& row : rows) found.push_back(row.get<std::string>(0));
  }
  co_return found;
}

Task<> WordStore::learn(std::vector<std::vector<std::string>> spellings_of_words) {
  std::vector<db::Call> calls;
  for (auto const& spellings : spellings_of_words) {
    std::ranges::move(learn_statement().calls(spellings), std::back_inserter(calls));
  }
  if (!calls.empty()) co_await database_.batch(std::move(calls));
}

Task<std::optional<WordStore::Kept>> WordStore::kept_after(std::string spelling, std::string word) {
  auto const rows = co_await database_.query(kept_after_sql, spelling, word);
  if (rows.empty()) co_return std::nullopt;
  Kept kept;
  for (auto const& row : rows) {
    kept.spelling = row.get<std::string>(0);
    kept.word = row.get<std::string>(1);
    if (row.get<bool>(2)) kept.unused.push_back(kept.word);
  }
  co_return kept;
}

Task<> WordStore::forget(std::vector<std::vector<std::string>> spellings_of_words) {
  std::vector<db::Call> calls;
  for (auto const& spellings : spellings_of_words) {
    std::ranges::move(forget_statement().calls(spellings), std::back_inserter(calls));
  }
  if (!calls.empty()) co_await database_.batch(std::move(calls));
}

Task<std::vector<WordStore::Unindexed>> WordStore::unindexed() {
  std::vector<Unindexed> products;
  for (auto const& row : co_await database_.query(unindexed_sql)) {
    products.push_back({row.get<Id<Product>>(0), row.get<std::string>(1), row.get<std::string>(2)});
  }
  co_return products;
}

Task<> WordStore::index(std::vector<Unindexed> products) {
  std::vector<db::Call> calls;
  for (auto const& product : products) {
    calls.push_back(db::call(index_sql, product.id, search_text_of(product.name, product.description), product.name,
                             product.description));
  }
  if (!calls.empty()) co_await database_.batch(std::move(calls));
}

}  // namespace balcao::products

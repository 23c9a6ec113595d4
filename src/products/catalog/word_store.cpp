#include "products/catalog/word_store.hpp"

#include <algorithm>

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

/// A statement for a number of texts. Fewer fill it by naming the last one again, so that there are few to prepare.
class ManyTexts {
 public:
  ManyTexts(std::string_view name, std::size_t size, std::string sql)
      : size_(size), sql_(std::move(sql)), statement_{name, sql_} {}
  ManyTexts(ManyTexts const&) = delete;

  std::size_t size() const { return size_; }
  db::Call call(std::vector<std::string> const& texts) const {
    std::vector<db::Value> params(size_, db::to_value(texts.back()));
    std::ranges::transform(texts, params.begin(), [](auto const& text) { return db::to_value(text); });
    return {&statement_, std::move(params)};
  }

 private:
  std::size_t const size_;
  std::string const sql_;
  Statement const statement_;
};

/// `before` and `$n` and `after`, for each of `size` parameters, with commas between them.
std::string repeated(std::size_t size, std::string const& before, std::string const& after, std::size_t first) {
  std::string sql;
  for (std::size_t i = 0; i < size; ++i) sql += (i == 0 ? "" : ", ") + before + std::to_string(first + i) + after;
  return sql;
}

std::string spelt_sql(std::size_t size) {
  return "SELECT DISTINCT word FROM products.search_spellings AS kept WHERE spelling IN (" +
         repeated(size, "$", "", 1) + R"()
AND (SELECT used.word FROM products.search_words AS used WHERE used.word = kept.word LIMIT 1) IS NOT NULL LIMIT 500)";
}

/// The word comes first, and is a spelling too.
std::string learn_sql(std::size_t size) {
  return "INSERT INTO products.search_spellings (word, spelling) VALUES " + repeated(size, "($1, $", ")", 1) +
         " ON CONFLICT DO NOTHING";
}

/// The first that is large enough.
template <class Statements>
ManyTexts const& for_number(Statements const& statements, std::size_t texts) {
  return *std::ranges::find_if(statements, [texts](ManyTexts const& statement) { return texts <= statement.size(); });
}

ManyTexts const& spelt_statement(std::size_t texts) {
  static ManyTexts const statements[]{{"products.words_spelt", 128, spelt_sql(128)},
                                      {"products.words_spelt", 512, spelt_sql(512)}};
  return for_number(statements, texts);
}

ManyTexts const& learn_statement(std::size_t texts) {
  static ManyTexts const statements[]{{"products.learn_word", 10, learn_sql(10)},
                                      {"products.learn_word", 21, learn_sql(21)}};
  return for_number(statements, texts);
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
  for (auto const& row : co_await database_.query(spelt_statement(spellings.size()).call(spellings))) {
    words.push_back(row.get<std::string>(0));
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

Task<> WordStore::learn(std::vector<std::vector<std::string>> spellings_of_words) {
  std::vector<db::Call> calls;
  for (auto const& spellings : spellings_of_words) {
    calls.push_back(learn_statement(spellings.size()).call(spellings));
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

#include "platform/db/prepared_statements.hpp"

#include "made_statements.hpp"
#include "sqlite_fixture.hpp"

namespace balcao::db {
namespace {

using Cache = PreparedStatements<int>;
constexpr int max_texts = static_cast<int>(Cache::max_bytes_per_name / test::MadeStatements::bytes);

std::string text(int i, std::size_t bytes = test::MadeStatements::bytes) {
  auto number = std::to_string(i);
  return number.insert(0, bytes - number.size(), ' ');
}

std::vector<int> evicted(int i) { return {i}; }

TEST(PreparedStatements, KeepThoseOfANameUsedLast) {
  Cache cache;
  for (int i = 0; i < max_texts; ++i) EXPECT_EQ(cache.keep({"made", text(i)}, i), std::vector<int>{});
  ASSERT_NE(cache.find({"made", text(0)}), nullptr);
  EXPECT_EQ(cache.keep({"made", text(max_texts)}, max_texts), evicted(1)) << "0 was used after it";
  EXPECT_EQ(cache.find({"made", text(1)}), nullptr);
  for (int const i : {0, 2, max_texts}) {
    auto const* const kept = cache.find({"made", text(i)});
    ASSERT_NE(kept, nullptr) << i;
    EXPECT_EQ(*kept, i);
  }
}

TEST(PreparedStatements, LeaveThoseOfOtherNames) {
  Cache cache;
  cache.keep({"constant", "text"}, -1);
  for (int i = 0; i < 3 * max_texts; ++i) cache.keep({"made", text(i)}, i);
  ASSERT_NE(cache.find({"constant", "text"}), nullptr);
  EXPECT_EQ(*cache.find({"constant", "text"}), -1);
}

TEST(PreparedStatements, CountByTheLengthOfTheirTexts) {
  Cache cache;
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(cache.keep({"made", text(i, Cache::max_bytes_per_name / 4)}, i), std::vector<int>{});
  EXPECT_EQ(cache.keep({"made", text(4, Cache::max_bytes_per_name / 2)}, 4), (std::vector<int>{0, 1}));
  auto const too_long = text(5, Cache::max_bytes_per_name + 1);
  EXPECT_EQ(cache.keep({"made", too_long}, 5), (std::vector<int>{2, 3, 4}));
  ASSERT_NE(cache.find({"made", too_long}), nullptr) << "the one in use is kept";
  EXPECT_EQ(cache.keep({"made", text(6)}, 6), evicted(5));
}

class SqlitePreparedStatements : public test::SqliteTest {
 protected:
  static constexpr Statement kept{"kept", "SELECT count(*) FROM sqlite_stmt"};
  static constexpr Statement runs{"runs", "SELECT run FROM sqlite_stmt WHERE sql = $1"};

  sqlite::Options options() const {
    auto one_reader = SqliteTest::options();
    one_reader.readers = 1;
    return one_reader;
  }
};

TEST_F(SqlitePreparedStatements, AreBounded) {
  auto const database = open_with_notes(options());
  run(database->query(count));
  test::MadeStatements const made(2000);
  EXPECT_EQ(run(made.ask_all(*database)), 2000);
  auto const prepared = run(database->query(kept)).front().get<int>(0);
  EXPECT_GT(prepared, max_texts);
  EXPECT_LT(prepared, max_texts + 10);
  EXPECT_EQ(run(made.ask_all(*database)), 2000) << "the evicted ones work again";

  run(database->query(count));
  EXPECT_EQ(run(database->query(runs, count.sql)).front().get<int>(0), 2) << "one of the source stays prepared";
}

TEST_F(SqlitePreparedStatements, MayBeMoreInABatchThanAreKept) {
  auto const database = open_with_notes(options());
  test::MadeStatements const made(2 * max_texts);
  auto const results = run(database->batch(made.all_and_the_first()));
  ASSERT_EQ(results.size(), 2U * max_texts + 1);
  for (int i = 0; i < 2 * max_texts; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].front().get<int>(0), i + 1);
  EXPECT_EQ(results.back().front().get<int>(0), 1);
}

}  // namespace
}  // namespace balcao::db

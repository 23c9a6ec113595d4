#include "platform/db/prepared_statements.hpp"

#include "../db/made_statements.hpp"
#include "postgres_fixture.hpp"

namespace balcao::db::postgres {
namespace {

constexpr int max_texts = static_cast<int>(PreparedStatements<int>::max_bytes_per_name / test::MadeStatements::bytes);

class PostgresPreparedStatements : public test::PostgresTest {
 protected:
  static constexpr Statement kept{"kept", "SELECT count(*) FROM pg_prepared_statements"};
  static constexpr Statement name_of{"name_of", "SELECT name FROM pg_prepared_statements WHERE statement = $1"};

  Options options() const {
    auto one_connection = PostgresTest::options();
    one_connection.connections_per_loop = 1;
    one_connection.transactions_per_loop = 1;
    return one_connection;
  }

  std::unique_ptr<Database> database = open_with_notes(options());
};

TEST_F(PostgresPreparedStatements, AreBounded) {
  run(database->query(count));
  auto const name = run(database->query(name_of, count.sql)).front().get<std::string>(0);
  test::MadeStatements const made(1000);
  EXPECT_EQ(run(made.ask_all(*database)), 1000);
  auto const prepared = run(database->query(kept)).front().get<int>(0);
  EXPECT_GE(prepared, max_texts);
  EXPECT_LT(prepared, max_texts + 10);
  EXPECT_EQ(run(made.ask_all(*database)), 1000) << "the evicted ones work again";

  auto const later = run(database->query(name_of, count.sql));
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later.front().get<std::string>(0), name) << "one of the source stays prepared";
}

TEST_F(PostgresPreparedStatements, MayBeMoreInFlightThanAreKept) {
  test::MadeStatements const made(2 * max_texts);
  auto const results = run(database->batch(made.all_and_the_first()));
  ASSERT_EQ(results.size(), 2U * max_texts + 1);
  for (int i = 0; i < 2 * max_texts; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].front().get<int>(0), i + 1);
  EXPECT_EQ(results.back().front().get<int>(0), 1);
  run(database->ping());
  EXPECT_LT(run(database->query(kept)).front().get<int>(0), max_texts + 10);
}

TEST_F(PostgresPreparedStatements, AreBoundedInTransactionsAlsoWhereTheyFail) {
  static constexpr Statement fail{"fail", "SELECT 1 / $1::bigint"};
  test::MadeStatements const made(2 * max_texts);
  for (int const divisor : {1, 0, 1, 0, 1}) {
    auto const work = [&](Transaction& transaction) -> Task<> {
      for (int i = 0; i < 2 * max_texts; ++i) co_await transaction.query(made.call(i, 1));
      co_await transaction.query(fail, divisor);
    };
    if (divisor == 0) {
      EXPECT_THROW(run(database->transaction(work)), Error);
    } else {
      run(database->transaction(work));
    }
  }
  auto const prepared = run(database->transaction([&](Transaction& transaction) -> Task<int> {
    auto const rows = co_await transaction.query(kept);
    co_return rows.front().get<int>(0);
  }));
  EXPECT_LT(prepared, max_texts + 10);
}

}  // namespace
}  // namespace balcao::db::postgres

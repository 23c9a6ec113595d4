#include "postgres_fixture.hpp"

namespace balcao::db::postgres {
namespace {

using namespace std::chrono_literals;
using test::failure_of;
using test::status_of;

class Postgres : public test::PostgresTest {};

TEST_F(Postgres, ReadsNumbersNamesAndDocuments) {
  static constexpr Statement types{
      "types",
      "SELECT sum(x), sum(-x), 0::numeric, 1::smallint, 2::int, 1.5::real, 'n'::name, 'v'::varchar, "
      "'{\"a\":1}'::jsonb, "
      "'infinity'::timestamptz, 10000::numeric FROM (VALUES (9000000000000000000), (123456789)) AS v(x)"};
  auto const rows = run(open(options())->query(types));
  Row const& row = rows.front();
  EXPECT_EQ(row.get<std::int64_t>(0), 9'000'000'000'123'456'789);
  EXPECT_EQ(row.get<std::int64_t>(1), -9'000'000'000'123'456'789);
  EXPECT_EQ(row.get<int>(2), 0);
  EXPECT_EQ(row.get<int>(3), 1);
  EXPECT_EQ(row.get<int>(4), 2);
  EXPECT_EQ(row.get<double>(5), 1.5);
  EXPECT_EQ(row.get<std::string>(6), "n");
  EXPECT_EQ(row.get<std::string>(7), "v");
  EXPECT_EQ(row.get<std::string>(8), R"({"a": 1})");
  EXPECT_EQ(row.get<Time>(9), Time::max());
  EXPECT_EQ(row.get<int>(10), 10000);
}

TEST_F(Postgres, AColumnOfAnotherTypeIsABug) {
  static constexpr Statement fraction{"fraction", "SELECT 1.5"};
  static constexpr Statement address{"address", "SELECT inet '127.0.0.1'"};
  auto const database = open(options());
  EXPECT_THROW(run(database->query(fraction)), std::logic_error);
  EXPECT_THROW(run(database->query(address)), std::logic_error);
  run(database->ping());
}

TEST_F(Postgres, TimesBeyondAllTimesCompare) {
  static constexpr Statement compare{"compare", "SELECT now() < $1 AND now() > $2"};
  EXPECT_TRUE(run(open(options())->query(compare, Time::max(), Time::min())).front().get<bool>(0));
}

TEST_F(Postgres, AMessageDoesNotQuoteAValue) {
  static constexpr Statement cast{"cast", "SELECT $1::text::bigint"};
  try {
    run(open(options())->query(cast, "a-secret"));
    FAIL();
  } catch (Error const& error) {
    EXPECT_EQ(error.sqlstate(), "22P02");
    EXPECT_EQ(std::string(error.what()).find("a-secret"), std::string::npos) << error.what();
  }
}

TEST_F(Postgres, AViolationTellsItsConstraint) {
  auto const database = open_with_notes();
  run(database->execute_script(
      "CREATE TABLE shop.lines (note BIGINT CONSTRAINT lines_note_key REFERENCES shop.notes (id) DEFERRABLE INITIALLY "
      "DEFERRED)"));
  static constexpr Statement add{"add_line", "INSERT INTO shop.lines VALUES ($1)"};
  auto const violation = [&](Task<> task) -> std::string {
    try {
      run(std::move(task));
    } catch (Error const& error) {
      return error.sqlstate() + " " + error.constraint();
    }
    return "none";
  };
  EXPECT_EQ(violation(insert_note(*database, 1, "a")), "none");
  EXPECT_EQ(violation(insert_note(*database, 1, "a")), "23505 notes_pkey");
  EXPECT_EQ(violation(drop_result(database->query(add, 7))), "23503 lines_note_key") << "seen by the commit only";
  EXPECT_EQ(
      violation(database->transaction([&](Transaction& transaction) -> Task<> { co_await transaction.query(add, 7); })),
      "23503 lines_note_key");
  EXPECT_EQ(violation(insert_note(*database, 2, "b")), "none");
}

TEST_F(Postgres, WhatCannotBePreparedIsTriedAgainLater) {
  static constexpr Statement later{"later", "SELECT count(*) FROM shop.later"};
  auto const database = open_with_notes();
  std::vector<Task<>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(drop_result(database->query(later)));
  for (auto const& failure : run_together(std::move(calls))) {
    try {
      ASSERT_NE(failure, nullptr);
      std::rethrow_exception(failure);
    } catch (Error const& error) {
      EXPECT_EQ(error.sqlstate(), "42P01");
    }
  }
  run(database->execute_script("CREATE TABLE shop.later (id BIGINT)"));
  EXPECT_EQ(run(database->query(later)).front().get<int>(0), 0);
}

TEST_F(Postgres, ATableMayChangeUnderItsStatements) {
  static constexpr Statement all{"all", "SELECT * FROM shop.notes"};
  auto const database = open_with_notes();
  run(insert_note(*database, 1, "a"));
  EXPECT_EQ(run(database->query(all)).front().size(), 2U);
  run(database->execute_script("ALTER TABLE shop.notes ADD COLUMN more TEXT"));
  std::vector<Task<>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(drop_result(database->query(all)));
  for (auto const& failure : run_together(std::move(calls))) EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(run(database->query(all)).front().size(), 3U);
}

/// As a failover leaves the old primary.
TEST_F(Postgres, AServerThatTurnsReadOnlyIsLeft) {
  static constexpr Statement reload{"reload", "SELECT pg_reload_conf()"};
  static constexpr Statement shown{"shown", "SHOW default_transaction_read_only"};
  auto const database = open_with_notes();
  auto any = options();
  any.url = test::PostgresServer::shared().url("target_session_attrs=any");
  auto const admin = open(any);
  auto const turn = [&](std::string on) -> Task<> {
    co_await admin->execute_script("ALTER SYSTEM SET default_transaction_read_only = " + on);
    co_await admin->query(reload);
    while ((co_await admin->query(shown)).front().get<std::string>(0) != on) co_await pause(1ms);
  };

  run(turn("on"));
  int id = 0;
  run(test::until([&]() -> Task<bool> {  // each of the server's processes learns of it at a moment of its own
    co_return test::status_of(co_await test::failure_of(insert_note(*database, ++id, "a"))) == 503;
  }));
  auto const refused = run(failure_of(open(options())->ping()));
  run(turn("off"));
  try {
    ASSERT_NE(refused, nullptr);
    std::rethrow_exception(refused);
  } catch (Error const& error) {
    EXPECT_NE(std::string(error.what()).find("read-only"), std::string::npos) << error.what();
  }
  EXPECT_EQ(status(insert_note(*database, ++id, "a")), 0);
}

TEST_F(Postgres, GoesToTheHostThatIsThere) {
  auto const& server = test::PostgresServer::shared();
  auto with = options();
  auto const here = "127.0.0.1:" + std::to_string(server.port());
  with.url.replace(with.url.find(here), here.size(), "127.0.0.1:1,localhost:" + std::to_string(server.port()));
  run(open(with)->ping());
  with.url = server.url_of_socket();
  run(open(with)->ping());
}

TEST_F(Postgres, WhatCannotBeReachedIsSaidWithoutThePassword) {
  auto with = options();
  auto const password = with.url.find("s3cret");
  auto const said = [&](std::string const& url) -> std::string {
    try {
      run(open({.url = url})->ping());
    } catch (Error const& error) {
      return error.what();
    }
    return {};
  };
  auto wrong = with.url;
  wrong.replace(password, 6, "wr0ng!");
  EXPECT_NE(said(wrong).find("password authentication failed"), std::string::npos) << said(wrong);
  EXPECT_EQ(said(wrong).find("wr0ng"), std::string::npos) << said(wrong);
  EXPECT_NE(said("postgres://u:s3cret@127.0.0.1:1/x").find("refused"), std::string::npos);
  for (auto const* malformed :
       {"mysql://u:s3cret@h/x", "postgres://u:s3cret%ZZ@h/x", "postgres://u:s3cret@h/x?nothing=such",
        "postgres://u:s3cret@/x?host=a,b,c&port=1,2", "postgres://u:s3cret@[::1/x"}) {
    EXPECT_NE(said(malformed), "") << malformed;
    EXPECT_EQ(said(malformed).find("s3cret"), std::string::npos) << said(malformed);
  }
  EXPECT_NE(said("postgres://u:s3cret@no-such-host.invalid/x").find("cannot be resolved"), std::string::npos);
}

TEST_F(Postgres, EncryptsAsTheUrlAsks) {
  auto with = options();
  with.url = test::PostgresServer::shared().url("sslmode=require");
  EXPECT_THROW(std::rethrow_exception(run(failure_of(open(with)->ping()))), Error) << "this one has no certificate";

  test::PostgresServer server;
  auto const key = server.write("key.pem", "");
  auto const certificate = server.write("certificate.pem", "");
  auto const command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
      "subjectAltName=DNS:localhost -keyout " +
      key + " -out " + certificate + " 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  server.crash();
  server.set({"ssl=on", "ssl_key_file=" + key, "ssl_cert_file=" + certificate});
  server.start();
  static constexpr Statement is_encrypted{"is_encrypted", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"};
  with.url = server.url("sslmode=verify-full&sslrootcert=" + certificate);
  EXPECT_THROW(std::rethrow_exception(run(failure_of(open(with)->ping()))), Error) << "it is not called 127.0.0.1";
  with.url.replace(with.url.find("127.0.0.1"), 9, "localhost");
  EXPECT_TRUE(run(open(with)->query(is_encrypted)).front().get<bool>(0));
}

}  // namespace
}  // namespace balcao::db::postgres

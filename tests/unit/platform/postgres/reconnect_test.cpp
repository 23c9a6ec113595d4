// How a server is tried again, and who gets a connection first.
#include "../base/tasks.hpp"
#include "ending_server.hpp"
#include "platform/db/postgres/leases.hpp"
#include "postgres_fixture.hpp"

namespace balcao::db::postgres {
namespace {

using namespace std::chrono_literals;
using test::failure_of;
using test::status_of;

constexpr Statement find_note{"find_note", "SELECT text FROM shop.notes WHERE id = $1"};

class PostgresReconnect : public test::PostgresTest {
 protected:
  static int times(std::string_view text, std::string_view part) {
    int found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
    return found;
  }
  static Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }
};

TEST_F(PostgresReconnect, AServerThatEndsEachConnectionAtOnceIsTriedAFewTimesASecond) {
  test::EndingServer const server;
  testing::internal::CaptureStderr();
  auto const database = open({.url = server.url()});
  run(pause(1500ms));  // what is measured is a rate
  auto const attempts = server.accepted();
  EXPECT_GE(attempts, 3);
  EXPECT_LE(attempts, 45) << "of three connections, in 1.5 s";
  EXPECT_EQ(status(database->query(insert, 1, "a")), 503) << "it is away, and nothing was sent";
  EXPECT_EQ(status_of(run(failure_of(database->ping()))), -1) << "says why";
  auto const logged = testing::internal::GetCapturedStderr();
  EXPECT_EQ(times(logged, "database_unreachable"), 1) << logged;
}

TEST_F(PostgresReconnect, ATransactionIsRefusedWhereEachConnectionEndsAtOnce) {
  test::EndingServer const server;
  auto const database = open({.url = server.url(), .connections_per_loop = 1});
  auto const work = [](Transaction& transaction) -> Task<> { co_await transaction.query(insert, 1, "a"); };
  auto const start = std::chrono::steady_clock::now();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(status(database->transaction(work)), 503);
  auto const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_LE(server.accepted(), 30 + 10 * seconds);
}

TEST_F(PostgresReconnect, WhoWaitsForATransactionIsNotOvertaken) {
  auto with = options();
  with.transactions_per_loop = 1;
  auto const database = open_with_notes(with);
  std::string order;
  auto const repeat = [&](char name) -> Task<> {
    for (int i = 0; i < 10; ++i) {
      co_await database->transaction([&](Transaction& transaction) -> Task<> {
        order += name;
        co_await transaction.query(find_note, 1);
      });
    }
  };
  std::vector<Task<>> both;
  both.push_back(repeat('a'));
  both.push_back(repeat('b'));
  for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(order, "abababababababababab");
}

TEST_F(PostgresReconnect, WhoWaitsBehindOthersIsRefusedAtTheirOwnDeadline) {
  auto with = options();
  with.transactions_per_loop = 1;
  auto const leases = std::make_shared<Leases>(loops[0], std::make_shared<Settings const>(with, Address(with.url)));
  std::string order;
  auto const held = run(leases->borrow(in(60s)));
  auto const patient = [&]() -> Task<> {
    auto const lent = co_await leases->borrow(in(60s));
    order += " lent";
    leases->give_back(lent, false);
  };
  auto const hurried = [&]() -> Task<> {
    EXPECT_EQ(status_of(co_await failure_of(leases->borrow(in(50ms)))), 503);
    order += "refused";
    leases->give_back(held, false);
  };
  std::vector<Task<>> both;
  both.push_back(patient());
  both.push_back(hurried());
  for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(order, "refused lent");
  leases->close();
}

}  // namespace
}  // namespace balcao::db::postgres

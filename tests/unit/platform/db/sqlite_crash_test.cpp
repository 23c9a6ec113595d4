// What was acknowledged is there after the process was killed in the middle of its work.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sqlite_fixture.hpp"

namespace balcao::db {
namespace {

class SqliteCrash : public test::SqliteTest {
 protected:
  static Task<> write_for_ever(Database& database, int first, int acknowledgements) {
    for (int id = first;; ++id) {
      co_await database.query(insert, id, "text");
      if (::write(acknowledgements, &id, sizeof id) != sizeof id) std::abort();
    }
  }

  /// In the child. Never returns.
  [[noreturn]] void write_until_killed(int acknowledgements) {
    loops[0].notify_fork(boost::asio::execution_context::fork_child);
    auto const database = open_with_notes();
    for (int client = 0; client < 16; ++client) {
      boost::asio::co_spawn(loops[0], write_for_ever(*database, client * 1'000'000, acknowledgements),
                            [](std::exception_ptr) { std::abort(); });
    }
    loops.run();
    std::abort();
  }
};

TEST_F(SqliteCrash, EveryAcknowledgedRowSurvivesKill) {
  for (int const kill_after : {1, 50, 400}) {
    std::filesystem::remove(directory / "shop.db");
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    pid_t const child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      write_until_killed(pipe[1]);
    }
    ::close(pipe[1]);

    std::vector<int> acknowledged;
    int id = 0;
    while (::read(pipe[0], &id, sizeof id) == sizeof id) {
      acknowledged.push_back(id);
      if (static_cast<int>(acknowledged.size()) == kill_after) ::kill(child, SIGKILL);
    }
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    static constexpr Statement find{"find", "SELECT id FROM shop.notes WHERE id = $1"};
    auto const database = open_with_notes();
    for (int const expected : acknowledged) EXPECT_EQ(run(database->query(find, expected)).size(), 1U);
  }
}

}  // namespace
}  // namespace balcao::db

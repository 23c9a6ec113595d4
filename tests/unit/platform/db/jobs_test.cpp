#include "platform/jobs/jobs.hpp"

#include <boost/asio/detached.hpp>

#include "database_fixture.hpp"

namespace balcao::jobs {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// As the services have it; SQLite takes a column's type as a hint.
constexpr std::string_view jobs_table = R"(
CREATE TABLE shop.jobs (
  id           uuid PRIMARY KEY,
  kind         text NOT NULL,
  key          text NOT NULL,
  payload      text NOT NULL,
  run_at       timestamptz NOT NULL,
  attempts     bigint NOT NULL,
  leased_until timestamptz,
  done_at      timestamptz,
  last_error   text,
  deaths       bigint NOT NULL DEFAULT 0,
  set_aside_at timestamptz,
  UNIQUE (kind, key)
))";

/// A database that refuses to remove what is old.
class WithoutPurges final : public db::Database {
 public:
  explicit WithoutPurges(db::Database& behind) : behind_(behind) {}
  Task<std::vector<db::Rows>> batch(std::vector<db::Call> calls) override { return behind_.batch(std::move(calls)); }
  Task<> execute_script(std::string script) override { return behind_.execute_script(std::move(script)); }
  std::string_view engine() const override { return behind_.engine(); }
  Task<> ping() override { return behind_.ping(); }

  int refused = 0;

 private:
  Task<db::Rows> run(db::Call call) override {
    if (call.statement->name == "jobs_purge") {
      ++refused;
      throw overloaded("The purge takes too long", "");
    }
    co_return co_await behind_.query(std::move(call));
  }
  Task<std::unique_ptr<db::Transaction>> begin() override { throw std::logic_error("not used"); }
  Task<> commit(std::unique_ptr<db::Transaction>) override { throw std::logic_error("not used"); }

  db::Database& behind_;
};

class JobsTest : public test::DatabaseTest {
 protected:
  JobsTest() {
    if (test::Engine::is_postgres()) run(database->execute_script("CREATE SCHEMA shop"));
    run(database->execute_script(std::string(jobs_table)));
  }

  void enqueue(std::string_view key, std::chrono::milliseconds delay = {}) {
    run(database->batch({jobs.enqueue("mail", key, "payload of " + std::string(key), delay)}));
  }

  std::int64_t count(std::string_view condition) {
    std::string const sql = "SELECT count(*) FROM shop.jobs WHERE " + std::string(condition);
    db::Statement const statement{"count", sql};
    return run(database->query(statement)).front().get<std::int64_t>(0);
  }

  /// Runs `runner` until `condition` holds, and then to its end.
  void run_until(Jobs& runner, std::function<bool()> condition) {
    auto const stop_then = [](Jobs& that, std::function<bool()> when) -> Task<> {
      auto const failure = co_await test::failure_of(test::until(std::move(when)));
      that.stop();
      if (failure) std::rethrow_exception(failure);
    };
    std::vector<Task<>> both;
    both.push_back(runner.run());
    both.push_back(stop_then(runner, std::move(condition)));
    for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  }

  /// A process that has jobs under way until `condition` holds, and is killed then. What `handler` waits for never
  /// comes.
  void run_and_die(Handler handler, std::function<bool()> condition) {
    Loops loops_of_it{1};
    auto const own = engine.open("shop", loops_of_it);
    Jobs dying(*own, "shop", clock);
    dying.handle("mail", std::move(handler));
    asio::co_spawn(loops_of_it[0], dying.run(), asio::detached);
    while (!condition()) loops_of_it[0].run_one();
  }
  static Task<> wait_for_ever() {
    asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
  }

  test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("shop");
  Jobs jobs{*database, "shop", clock};
};

TEST_F(JobsTest, EachIsDoneOnceAndKnowsWhatItIs) {
  std::vector<Job> seen;
  jobs.handle("mail", [&](Job const& job) -> Task<> {
    seen.push_back(job);
    co_return;
  });
  for (int i = 0; i < 20; ++i) enqueue(std::to_string(i));
  run_until(jobs, [&] { return seen.size() == 20; });
  EXPECT_EQ(seen.size(), 20U);
  EXPECT_EQ(seen.front().kind, "mail");
  EXPECT_EQ(seen.front().payload, "payload of " + seen.front().key);
  EXPECT_EQ(seen.front().attempt, 1);
  EXPECT_EQ(count("done_at IS NOT NULL AND leased_until IS NULL"), 20);
}

TEST_F(JobsTest, OneRowAKey) {
  int runs = 0;
  jobs.handle("mail", [&](Job const&) -> Task<> {
    ++runs;
    co_return;
  });
  enqueue("same");
  enqueue("same");
  EXPECT_EQ(count("key = 'same'"), 1);
  run_until(jobs, [&] { return runs == 1; });
  enqueue("same");  // a job that is done is remembered
  EXPECT_EQ(count("key = 'same' AND done_at IS NOT NULL"), 1);
}

TEST_F(JobsTest, IsRetriedAfterAThrowAndNotBefore) {
  std::vector<int> attempts;
  std::vector<Time> times;
  jobs.handle("mail", [&](Job const& job) -> Task<> {
    attempts.push_back(job.attempt);
    times.push_back(clock.now());
    if (job.attempt < 3) throw std::runtime_error("the post office is closed");
    co_return;
  });
  enqueue("a");
  std::size_t seen = 0;
  run_until(jobs, [&] {
    if (attempts.size() > seen) {
      seen = attempts.size();
      return seen == 3;
    }
    clock.advance(100ms);
    jobs.wake();
    return false;
  });
  EXPECT_EQ(attempts, (std::vector<int>{1, 2, 3}));
  EXPECT_GE(times.at(1) - times.at(0), 1s);
  EXPECT_GE(times.at(2) - times.at(1), 2s);
  EXPECT_EQ(count("done_at IS NOT NULL AND last_error IS NULL"), 1);
}

TEST_F(JobsTest, BacksOffFromASecondToAnHour) {
  auto const seconds_to_next = [&](int attempts_before) {
    static constexpr db::Statement set{"set", "UPDATE shop.jobs SET attempts = $1, run_at = $2"};
    static constexpr db::Statement get{"get", "SELECT run_at FROM shop.jobs WHERE last_error = 'closed'"};
    run(database->query(set, attempts_before, clock.now()));
    Jobs runner(*database, "shop", clock);
    bool ran = false;
    runner.handle("mail", [&](Job const&) -> Task<> {
      ran = true;
      throw std::runtime_error("closed");
      co_return;
    });
    run_until(runner, [&] { return ran; });
    auto const next = run(database->query(get)).front().get<Time>(0);
    return std::chrono::duration<double>(next - clock.now()).count();
  };
  enqueue("a");
  for (auto const& [attempts, least, most] :
       {std::tuple{0, 1.0, 1.25}, {3, 8.0, 10.0}, {11, 2048.0, 2560.0}, {30, 3600.0, 3600.0}}) {
    auto const seconds = seconds_to_next(attempts);
    EXPECT_GE(seconds, least);
    EXPECT_LE(seconds, most);
  }
}

TEST_F(JobsTest, ADelayedJobWaits) {
  std::vector<std::string> seen;
  auto const handler = [&](Job const& job) -> Task<> {
    seen.push_back(job.key);
    co_return;
  };
  jobs.handle("mail", handler);
  enqueue("later", 10min);
  enqueue("now");
  run_until(jobs, [&] { return !seen.empty(); });
  EXPECT_EQ(seen, std::vector<std::string>{"now"});

  clock.advance(10min);
  Jobs next(*database, "shop", clock);
  next.handle("mail", handler);
  run_until(next, [&] { return seen.size() == 2; });
  EXPECT_EQ(seen.back(), "later");
}

TEST_F(JobsTest, TheLeaseOfADeadRunnerIsTakenOver) {
  enqueue("a");
  {
    // A runner that dies with its process while the handler waits for an answer that never comes.
    Loops dead_loops{1};
    auto const own = engine.open("shop", dead_loops);
    Jobs dying(*own, "shop", clock);
    bool started = false;
    dying.handle("mail", [&](Job const&) -> Task<> {
      started = true;
      asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
      co_await never.async_wait(asio::use_awaitable);
    });
    asio::co_spawn(dead_loops[0], dying.run(), asio::detached);
    while (!started) dead_loops[0].run_one();
  }
  ASSERT_EQ(count("leased_until IS NOT NULL AND done_at IS NULL"), 1);

  std::vector<int> attempts;
  bool early = false;
  Time const runs_out = clock.now() + 1min;
  jobs.handle("mail", [&](Job const& job) -> Task<> {
    attempts.push_back(job.attempt);
    early = clock.now() < runs_out;
    co_return;
  });
  run_until(jobs, [&] {
    clock.advance(100ms);
    jobs.wake();
    return !attempts.empty();
  });
  EXPECT_EQ(attempts, std::vector<int>{2});
  EXPECT_FALSE(early);
}

TEST_F(JobsTest, TheVerdictOfALostLeaseChangesNothing) {
  enqueue("a");
  Jobs slow(*database, "shop", clock);
  bool taken_over = false;
  slow.handle("mail", [&](Job const&) -> Task<> {
    clock.advance(2min);
    static constexpr db::Statement take{"take", "UPDATE shop.jobs SET attempts = attempts + 1, leased_until = $1"};
    co_await database->query(take, Time{clock.now() + 1min});
    taken_over = true;
  });
  run_until(slow, [&] { return taken_over; });
  EXPECT_EQ(count("done_at IS NULL AND leased_until IS NOT NULL AND attempts = 2"), 1);
}

TEST_F(JobsTest, OneThatTakesLongerThanItsLeaseIsNotLost) {
  enqueue("long");
  int runs = 0;
  bool done = false;
  static constexpr db::Statement lease{"lease", "SELECT leased_until FROM shop.jobs"};
  jobs.handle("mail", [&](Job const&) -> Task<> {
    if (++runs > 1) co_return;
    for (int i = 0; i < 6; ++i) {
      clock.advance(25s);
      jobs.wake();
      for (int tries = 0; tries < 100; ++tries) {
        auto const until = (co_await database->query(lease)).front().get<std::optional<Time>>(0);
        if (until && *until > clock.now() + 50s) break;
        asio::steady_timer timer(co_await asio::this_coro::executor, 10ms);
        co_await timer.async_wait(asio::use_awaitable);
      }
    }
    done = true;
  });
  run_until(jobs, [&] { return done; });
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(count("done_at IS NOT NULL AND deaths = 0 AND attempts = 1"), 1);
}

TEST_F(JobsTest, OneThatADeadProcessLeftDoesNotWaitUntilTheOthersAreDone) {
  enqueue("lost");
  bool started = false;
  run_and_die(
      [&](Job const&) -> Task<> {
        started = true;
        co_await wait_for_ever();
      },
      [&] { return started; });
  clock.advance(61s);
  for (int i = 0; i < 8; ++i) enqueue("slow " + std::to_string(i));
  bool done = false;
  int slow = 0;
  jobs.handle("mail", [&](Job const& job) -> Task<> {
    if (job.key == "lost") {
      done = true;
      co_return;
    }
    ++slow;
    co_await test::until([&] { return done || slow > 100; });
  });
  run_until(jobs, [&] { return done; });
  EXPECT_EQ(count("done_at IS NOT NULL"), 9);
}

TEST_F(JobsTest, TwoRunnersShareTheWork) {
  std::map<std::string, int> runs;
  auto const handler = [&](Job const& job) -> Task<> {
    ++runs[job.key];
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  };
  for (int i = 0; i < 50; ++i) enqueue(std::to_string(i));
  Jobs other(*database, "shop", clock);
  jobs.handle("mail", handler);
  other.handle("mail", handler);
  auto const stop_both = [&]() -> Task<> {
    auto const failure = co_await test::failure_of(test::until([&] { return runs.size() == 50; }));
    jobs.stop();
    other.stop();
    if (failure) std::rethrow_exception(failure);
  };
  std::vector<Task<>> all;
  all.push_back(jobs.run());
  all.push_back(other.run());
  all.push_back(stop_both());
  for (auto const& failure : run_together(std::move(all))) EXPECT_EQ(failure, nullptr);
  for (auto const& [key, times] : runs) EXPECT_EQ(times, 1) << key;
  EXPECT_EQ(count("done_at IS NOT NULL"), 50);
}

TEST_F(JobsTest, HandlersRunBesideOneAnotherUpToABound) {
  for (int i = 0; i < 20; ++i) enqueue(std::to_string(i));
  int running = 0;
  int most = 0;
  int done = 0;
  bool open = false;
  jobs.handle("mail", [&](Job const&) -> Task<> {
    most = std::max(most, ++running);
    co_await test::until([&] { return open; });
    --running;
    ++done;
  });
  run_until(jobs, [&] {
    if (running == 8) open = true;
    return done == 20;
  });
  EXPECT_EQ(most, 8);
}

TEST_F(JobsTest, StopWaitsForTheJobUnderWay) {
  enqueue("a");
  enqueue("b", 1min);
  bool finished = false;
  jobs.handle("mail", [&](Job const&) -> Task<> {
    jobs.stop();
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    finished = true;
  });
  run(jobs.run());
  EXPECT_TRUE(finished);
  EXPECT_EQ(count("done_at IS NOT NULL"), 1);
  run(jobs.run());  // stopped is stopped
}

TEST_F(JobsTest, LeavesKindsThatNobodyHereHandles) {
  bool done = false;
  jobs.handle("mail", [&](Job const&) -> Task<> {
    done = true;
    co_return;
  });
  run(database->batch({jobs.enqueue("of a newer version", "k", "")}));
  enqueue("a");
  run_until(jobs, [&] { return done; });
  EXPECT_EQ(count("kind = 'of a newer version' AND attempts = 0"), 1);
}

TEST_F(JobsTest, ForgetsWhatWasDoneADayAgo) {
  int done = 0;
  auto const handler = [&](Job const&) -> Task<> {
    ++done;
    co_return;
  };
  jobs.handle("mail", handler);
  enqueue("a");
  run_until(jobs, [&] { return done == 1; });

  clock.advance(25h);
  Jobs next(*database, "shop", clock);
  next.handle("mail", handler);
  enqueue("b");
  run_until(next, [&] { return done == 2; });
  EXPECT_EQ(count("key = 'a'"), 0);
  EXPECT_EQ(count("key = 'b' AND done_at IS NOT NULL"), 1);
}

TEST_F(JobsTest, RunWhileThePurgeFails) {
  WithoutPurges refusing(*database);
  Jobs runner(refusing, "shop", clock);
  bool done = false;
  runner.handle("mail", [&](Job const&) -> Task<> {
    done = true;
    co_return;
  });
  enqueue("a");
  run_until(runner, [&] { return done && refusing.refused > 0; });
  EXPECT_EQ(count("done_at IS NOT NULL"), 1);
}

TEST_F(JobsTest, DoNotWaitUntilOldOnesAreRemoved) {
  static constexpr int old_jobs = 100'000;
  static constexpr db::Statement fill{"fill", R"(
    INSERT INTO shop.jobs (id, kind, key, payload, run_at, attempts, done_at)
    WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < $1)
    SELECT CAST('00000000-0000-7000-8000-' || (100000000000 + i) AS uuid), 'old', CAST(i AS text), '', $2, 1, $2
    FROM numbers)"};
  static constexpr db::Statement fill_sqlite{"fill", R"(
    INSERT INTO shop.jobs (id, kind, key, payload, run_at, attempts, done_at)
    WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < $1)
    SELECT '00000000-0000-7000-8000-' || (100000000000 + i), 'old', CAST(i AS text), '', $2, 1, $2 FROM numbers)"};
  run(database->execute_script("CREATE INDEX " + std::string(test::Engine::is_postgres() ? "" : "shop.") +
                               "jobs_done ON " + (test::Engine::is_postgres() ? "shop." : "") +
                               "jobs (done_at) WHERE done_at IS NOT NULL"));
  run(database->query(test::Engine::is_postgres() ? fill : fill_sqlite, old_jobs, clock.now()));
  clock.advance(25h);
  std::int64_t left = 0;
  jobs.handle("mail", [&](Job const&) -> Task<> {
    static constexpr db::Statement count_old{"count_old", "SELECT count(*) FROM shop.jobs WHERE kind = 'old'"};
    left = (co_await database->query(count_old)).front().get<std::int64_t>(0);
  });
  enqueue("a");
  run_until(jobs, [&] { return left > 0; });
  EXPECT_GE(left, old_jobs * 9 / 10) << "the job ran between two portions";
  EXPECT_GT(old_jobs, count("kind = 'old'")) << "and some went";
}

TEST_F(JobsTest, OneThatKillsItsProcessIsSetAsideAndTheOthersAreDone) {
  for (int i = 0; i < 7; ++i) enqueue("innocent " + std::to_string(i));
  enqueue("guilty");
  int deaths = 0;
  bool started = false;
  std::size_t others = 0;
  std::vector<std::string> done;
  auto const handler = [&](Job const& job) -> Task<> {
    if (job.key == "guilty") started = true;
    if (job.key != "guilty") ++others;
    if (job.key == "guilty" || deaths == 0) co_await wait_for_ever();  // the first time all of them die with it
    done.push_back(job.key);
  };
  for (; deaths < max_deaths; ++deaths) {
    started = false;
    others = 0;
    run_and_die(handler, [&] { return started && (deaths > 0 || others == 7); });
    EXPECT_EQ(run(jobs.count_set_aside()), 0) << deaths;
    clock.advance(61s);
  }
  bool ran = false;
  jobs.handle("mail", [&](Job const& job) -> Task<> {
    ran |= job.key == "guilty";
    done.push_back(job.key);
    co_return;
  });
  enqueue("after");
  run_until(jobs, [&] { return done.size() == 8; });
  EXPECT_FALSE(ran);
  EXPECT_EQ(count("done_at IS NOT NULL"), 8) << "the seven, and the new one";
  EXPECT_EQ(run(jobs.count_set_aside()), 1);
  EXPECT_EQ(count("key = 'guilty' AND set_aside_at IS NOT NULL AND done_at IS NULL"), 1);

  clock.advance(24h);  // the program may be mended by now
  Jobs mended(*database, "shop", clock);
  mended.handle("mail", [&](Job const& job) -> Task<> {
    ran |= job.key == "guilty";
    co_return;
  });
  run_until(mended, [&] { return ran; });
  EXPECT_EQ(run(mended.count_set_aside()), 0);
}

TEST_F(JobsTest, FailuresAreNoDeaths) {
  enqueue("a");
  int attempts = 0;
  jobs.handle("mail", [&](Job const&) -> Task<> {
    ++attempts;
    throw std::runtime_error("the gateway is away");
    co_return;
  });
  run_until(jobs, [&] {
    clock.advance(10min);
    jobs.wake();
    return attempts == 2 * max_deaths;
  });
  EXPECT_EQ(count("deaths = 0 AND set_aside_at IS NULL"), 1);
}

}  // namespace
}  // namespace balcao::jobs

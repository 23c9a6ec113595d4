#include "platform/runtime/workers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace balcao {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds deadline{10};

/// Work that says when it has begun and then stays until it is released.
struct Gate {
  std::promise<void> begun;
  std::promise<void> release;

  void pass() {
    begun.set_value();
    release.get_future().wait();
  }
  bool wait_until_begun() { return begun.get_future().wait_for(deadline) == std::future_status::ready; }
};

template <class Work>
Task<> run_and_count(Workers& workers, Work work, int& finished) {
  co_await workers.run(std::move(work));
  ++finished;
}

struct Outcome {
  int status = 0;
  bool says_when_to_retry = false;
  std::string message;
};

template <class Work>
Task<> run_and_catch(Workers& workers, Work work, Outcome& outcome) {
  try {
    co_await workers.run(std::move(work));
  } catch (Problem const& problem) {
    outcome.status = problem.status();
    for (auto const& [name, value] : problem.headers()) outcome.says_when_to_retry |= name == "Retry-After";
  } catch (std::exception const& fault) {
    outcome.message = fault.what();
  }
}

struct Places {
  std::thread::id work;
  std::thread::id resumed;
};

Task<> note_places(Workers& workers, Places& places) {
  places.work = co_await workers.run([] { return std::this_thread::get_id(); });
  places.resumed = std::this_thread::get_id();
}

TEST(Workers, RunWorkElsewhereAndResumeTheCallerOnItsLoop) {
  asio::io_context loop;
  Workers workers(2, 16);
  Places places;
  asio::co_spawn(loop, note_places(workers, places), asio::detached);
  loop.run();  // returns when nothing is left to wait for: the pending work keeps it
  EXPECT_EQ(places.resumed, std::this_thread::get_id());
  EXPECT_NE(places.work, std::thread::id());
  EXPECT_NE(places.work, std::this_thread::get_id());
}

Task<> take_move_only(Workers& workers, std::unique_ptr<int>& result) {
  result = co_await workers.run([number = std::make_unique<int>(7)] { return std::make_unique<int>(*number + 1); });
}

TEST(Workers, HandOverResultsThatCannotBeCopied) {
  asio::io_context loop;
  Workers workers(1, 16);
  std::unique_ptr<int> result;
  asio::co_spawn(loop, take_move_only(workers, result), asio::detached);
  loop.run();
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 8);
}

TEST(Workers, PassOnWhatTheWorkThrew) {
  asio::io_context loop;
  Workers workers(1, 16);
  Outcome outcome;
  asio::co_spawn(
      loop, run_and_catch(workers, [] { throw std::runtime_error("a fault of the work"); }, outcome), asio::detached);
  loop.run();
  EXPECT_EQ(outcome.message, "a fault of the work");
}

TEST(Workers, RefuseAtOnceWhenTheQueueIsFullAndServeAgainAfterwards) {
  asio::io_context loop;
  Workers workers(1, 1);
  Gate gate;
  int finished = 0;
  asio::co_spawn(loop, run_and_count(workers, [&] { gate.pass(); }, finished), asio::detached);
  loop.poll();
  ASSERT_TRUE(gate.wait_until_begun());

  asio::co_spawn(loop, run_and_count(workers, [] {}, finished), asio::detached);
  loop.poll();  // takes the one place in the queue

  Outcome outcome;
  bool ran = false;
  asio::co_spawn(loop, run_and_catch(workers, [&] { ran = true; }, outcome), asio::detached);
  loop.poll();
  EXPECT_EQ(outcome.status, 503);
  EXPECT_TRUE(outcome.says_when_to_retry);
  EXPECT_FALSE(ran);

  gate.release.set_value();
  loop.run();
  EXPECT_EQ(finished, 2);

  loop.restart();
  asio::co_spawn(loop, run_and_count(workers, [] {}, finished), asio::detached);
  loop.run();
  EXPECT_EQ(finished, 3);
}

TEST(Workers, FinishWhatIsQueuedBeforeTheyEnd) {
  asio::io_context loop;
  std::atomic<int> ran = 0;
  int finished = 0;
  {
    Workers workers(1, 100);
    Gate gate;
    asio::co_spawn(loop, run_and_count(workers, [&] { gate.pass(); }, finished), asio::detached);
    for (int i = 0; i < 50; ++i) asio::co_spawn(loop, run_and_count(workers, [&] { ++ran; }, finished), asio::detached);
    loop.poll();
    ASSERT_TRUE(gate.wait_until_begun());
    gate.release.set_value();
  }
  EXPECT_EQ(ran, 50);
  loop.run();
  EXPECT_EQ(finished, 51);
}

TEST(Workers, LeaveNothingBehindWhenTheCallersLoopIsNeverRunAgain) {
  int finished = 0;
  std::atomic<int> ran = 0;
  {
    asio::io_context loop;
    Workers workers(2, 100);
    for (int i = 0; i < 20; ++i) {
      asio::co_spawn(loop,
                     run_and_count(
                         workers, [&ran, text = std::string(100, 'x')] { ran += text[0] == 'x'; }, finished),
                     asio::detached);
    }
    loop.poll_one();
  }
  EXPECT_EQ(finished, 0);
  EXPECT_LE(ran, 20);
}

Task<> add_up(Workers& workers, int jobs, long& sum) {
  for (int i = 1; i <= jobs; ++i) sum += co_await workers.run([i] { return i; });
}

TEST(Workers, GiveBackWhatTheyHoldOnceTheyAreIdle) {
  std::atomic<int> idle = 0;
  Workers workers(2, 10, [&] { ++idle; });
  auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (idle < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(idle, 2) << "each of them, once";
}

TEST(Workers, ServeManyCallersOnSeveralLoops) {
  constexpr int callers = 20;
  constexpr int jobs = 100;
  asio::io_context loops[2];
  long sums[2] = {0, 0};
  Workers workers(3, 1000);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      for (int caller = 0; caller < callers; ++caller) {
        asio::co_spawn(loops[i], add_up(workers, jobs, sums[i]), asio::detached);
      }
      threads.emplace_back([&loop = loops[i]] { loop.run(); });
    }
  }
  for (long const sum : sums) EXPECT_EQ(sum, callers * jobs * (jobs + 1) / 2);
}

}  // namespace
}  // namespace balcao

#include "platform/runtime/turn.hpp"

#include <atomic>
#include <thread>

#include "platform/runtime/task_group.hpp"
#include "tasks.hpp"

namespace balcao {
namespace {

using namespace std::chrono_literals;

class TurnTest : public test::LoopsTest {
 protected:
  Task<> work(Turn& turn, int number) {
    auto const held = co_await turn.take();
    EXPECT_EQ(++inside, 1);
    co_await pause(1ms);
    order.push_back(number);
    --inside;
  }

  Task<> often(Turn& turn, std::atomic<int>& done) {
    for (int i = 0; i < 300; ++i) {
      auto const held = co_await turn.take();
      EXPECT_EQ(++inside, 1);
      if (i % 30 == 0) co_await pause(1ms);  // the others come to wait
      --inside;
      ++done;
    }
  }
  /// The first who waits goes away, and the next one has his turn.
  Task<> leave(Turn& turn) {
    TaskGroup leaving;
    TaskGroup staying;
    {
      auto const held = co_await turn.take();
      co_await leaving.start(work(turn, 1));
      co_await staying.start(work(turn, 2));
      co_await pause(1ms);
      leaving.cut_off();
      co_await leaving.join();
    }
    co_await staying.join();
  }

  std::atomic<int> inside = 0;
  std::vector<int> order;
};

TEST_F(TurnTest, IsHadByOneAtATimeInTheOrderInWhichTheyCame) {
  Turn turn(100);
  std::vector<Task<>> all;
  for (int i = 0; i < 20; ++i) all.push_back(work(turn, i));
  for (auto const& failure : run_together(std::move(all))) EXPECT_EQ(failure, nullptr);
  ASSERT_EQ(order.size(), 20U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_F(TurnTest, IsHadByOneAtATimeAcrossLoops) {
  Loops many(3);
  Turn turn(1000);
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] { run_to_end(many[i], often(turn, done)); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done, 900);
}

TEST_F(TurnTest, IsRefusedWhereTooManyWait) {
  Turn turn(2);
  std::vector<Task<>> all;
  for (int i = 0; i < 5; ++i) all.push_back(work(turn, i));
  auto const failures = run_together(std::move(all));
  EXPECT_EQ(std::ranges::count_if(failures, [](auto const& each) { return test::status_of(each) == 503; }), 2);
}

TEST_F(TurnTest, PassesOverWhoHasGoneAway) {
  Turn turn(10);
  run(leave(turn));
  EXPECT_EQ(order, std::vector<int>{2});
}

}  // namespace
}  // namespace balcao

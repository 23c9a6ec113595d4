#include "platform/runtime/turn.hpp"

#include <atomic>

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
  auto const often = [](TurnTest& self, Turn& shared, std::atomic<int>& count) -> Task<> {
    for (int i = 0; i < 300; ++i) {
      auto const held = co_await shared.take();
      EXPECT_EQ(++self.inside, 1);
      --self.inside;
      ++count;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] { run_to_end(many[i], often(*this, turn, done)); });
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
  run([](TurnTest& self, Turn& shared) -> Task<> {
    TaskGroup leaving;
    TaskGroup staying;
    {
      auto const held = co_await shared.take();
      co_await leaving.start(self.work(shared, 1));
      co_await staying.start(self.work(shared, 2));
      co_await pause(1ms);
      leaving.cut_off();
      co_await leaving.join();
    }
    co_await staying.join();
  }(*this, turn));
  EXPECT_EQ(order, std::vector<int>{2});
}

}  // namespace
}  // namespace balcao

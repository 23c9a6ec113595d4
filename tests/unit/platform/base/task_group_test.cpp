#include "platform/runtime/task_group.hpp"

#include "tasks.hpp"

namespace balcao {
namespace {

using TaskGroupTest = test::LoopsTest;

Task<> count_for_ever(int& steps, bool& ended) {
  struct End {
    bool& ended;
    ~End() { ended = true; }
  } const end{ended};
  for (;;) {
    ++steps;
    co_await pause(std::chrono::milliseconds(1));
  }
}

Task<> fail() {
  co_await pause(std::chrono::milliseconds(1));
  throw std::runtime_error("on purpose");
}

TEST_F(TaskGroupTest, RunsItsTasksUntilTheyAreCutOff) {
  TaskGroup group;
  int steps = 0;
  bool first_ended = false;
  bool second_ended = false;
  auto const work = [&]() -> Task<> {
    co_await group.start(count_for_ever(steps, first_ended));
    co_await group.start(count_for_ever(steps, second_ended));
    EXPECT_EQ(group.running(), 2U);
    co_await test::until([&] { return steps >= 10; });
    EXPECT_FALSE(first_ended || second_ended);
    group.cut_off();
    co_await group.join();
  };
  run(work());
  EXPECT_TRUE(first_ended && second_ended);
  EXPECT_EQ(group.running(), 0U);
}

TEST_F(TaskGroupTest, LosesThoseThatEnd) {
  TaskGroup group;
  auto const work = [&]() -> Task<> {
    for (int i = 0; i < 3; ++i) co_await group.start(fail());
    co_await group.join();
  };
  run(work());
  EXPECT_EQ(group.running(), 0U);
}

}  // namespace
}  // namespace balcao

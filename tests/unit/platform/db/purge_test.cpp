#include "platform/db/purge.hpp"

#include "database_fixture.hpp"

namespace balcao::db {
namespace {

using namespace std::chrono_literals;

class PurgeTest : public test::LoopsTest {
 protected:
  void run_until(std::function<bool()> condition) {
    auto const stop_then = [this](std::function<bool()> when) -> Task<> {
      auto const failure = co_await test::failure_of(test::until(std::move(when)));
      purge.stop();
      if (failure) std::rethrow_exception(failure);
    };
    std::vector<Task<>> both;
    both.push_back(purge.run());
    both.push_back(stop_then(std::move(condition)));
    for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  }

  test::ManualClock clock;
  Purge purge{clock};
};

TEST_F(PurgeTest, RemovesPortionByPortionUntilNoneIsLeft) {
  std::int64_t left = 2500;
  std::vector<std::int64_t> portions;
  purge.add("rows", [&](Time, std::int64_t most) -> Task<std::int64_t> {
    portions.push_back(std::min(left, most));
    left -= portions.back();
    co_return portions.back();
  });
  run_until([&] { return left == 0; });
  EXPECT_EQ(portions, (std::vector<std::int64_t>{1000, 1000, 500}));
}

TEST_F(PurgeTest, ATableThatCannotBePurgedKeepsNoOtherWaiting) {
  int failures = 0;
  std::int64_t left = 2500;
  purge.add("broken", [&](Time, std::int64_t) -> Task<std::int64_t> {
    ++failures;
    throw std::runtime_error("no");
    co_return 0;
  });
  purge.add("rows", [&](Time, std::int64_t most) -> Task<std::int64_t> {
    auto const removed = std::min(left, most);
    left -= removed;
    co_return removed;
  });
  run_until([&] {
    if (left == 0 && failures == 1) clock.advance(1min);
    return failures == 2;
  });
  EXPECT_EQ(left, 0);
}

TEST_F(PurgeTest, LooksAgainWhenTheClockHasBeenPutBack) {
  int looks = 0;
  purge.add("rows", [&](Time, std::int64_t) -> Task<std::int64_t> {
    ++looks;
    co_return 0;
  });
  run_until([&] {
    if (looks == 1) clock.advance(-24h);
    return looks == 2;
  });
}

}  // namespace
}  // namespace balcao::db

#include "platform/db/lookup.hpp"

#include "../base/tasks.hpp"
#include "platform/db/database.hpp"

namespace balcao::db {
namespace {

class LookupTest : public balcao::test::LoopsTest {
 protected:
  using Squares = std::unordered_map<int, int>;

  /// Squares of what is not negative.
  static Task<Squares> square(std::vector<int> keys, std::vector<std::vector<int>>& questions) {
    questions.push_back(keys);
    Squares found;
    for (int const key : keys) {
      if (key >= 0) found.emplace(key, key * key);
    }
    co_await pause(std::chrono::milliseconds(1));
    co_return found;
  }

  /// Asks for each key in a coroutine of its own, all in one turn of the loop; gives what was found, in their order.
  std::vector<std::optional<int>> ask(std::vector<int> const& keys) {
    auto const note = [](Lookup<int, int>& asked, int key, std::optional<int>& answer) -> Task<> {
      answer = co_await asked.find(key);
    };
    std::vector<std::optional<int>> answers(keys.size());
    std::vector<Task<>> asking;
    for (std::size_t i = 0; i < keys.size(); ++i) asking.push_back(note(lookup, keys[i], answers[i]));
    for (auto const& failure : run_together(std::move(asking))) failures += failure ? 1 : 0;
    return answers;
  }

  std::vector<std::vector<int>> questions;
  Lookup<int, int>::Fetch fetch = [this](std::vector<int> keys) { return square(std::move(keys), questions); };
  Lookup<int, int> lookup{1, [this](std::vector<int> keys) { return fetch(std::move(keys)); }};
  int failures = 0;
};

TEST_F(LookupTest, OneTurnMakesOneQuestion) {
  EXPECT_EQ(ask({3, -1, 5, 3}), (std::vector<std::optional<int>>{9, std::nullopt, 25, 9}));
  EXPECT_EQ(ask({4}), (std::vector<std::optional<int>>{16}));
  EXPECT_EQ(questions, (std::vector<std::vector<int>>{{3, -1, 5, 3}, {4}}));
}

TEST_F(LookupTest, AFailureIsThatOfAllWhoAsked) {
  auto const working = std::exchange(fetch, [](std::vector<int>) -> Task<Squares> {
    throw Error("the engine failed");
    co_return Squares{};
  });
  EXPECT_EQ(ask({1, 2}), (std::vector<std::optional<int>>(2)));
  EXPECT_EQ(failures, 2);
  fetch = working;
  EXPECT_EQ(ask({1}), (std::vector<std::optional<int>>{1}));
  EXPECT_EQ(failures, 2);
}

TEST_F(LookupTest, WhoComesMeanwhileIsAskedForAnew) {
  auto const twice = [](Lookup<int, int>& asked, int& sum) -> Task<> {
    sum += (co_await asked.find(2)).value();
    sum += (co_await asked.find(2)).value();
  };
  int sum = 0;
  run(twice(lookup, sum));
  EXPECT_EQ(sum, 8);
  EXPECT_EQ(questions.size(), 2U);
}

TEST_F(LookupTest, ALoopMayEndBeforeTheAnswer) {
  auto const forgotten = [](Lookup<int, int>& asked, std::shared_ptr<int> held) -> Task<> {
    co_await asked.find(*held);
  };
  std::weak_ptr<int> witness;
  {
    boost::asio::io_context ending;
    auto const held = std::make_shared<int>(1);
    witness = held;
    boost::asio::co_spawn(ending, forgotten(lookup, held), [](std::exception_ptr) {});
    while (questions.empty()) ending.run_one();
  }
  EXPECT_TRUE(witness.expired());
}

}  // namespace
}  // namespace balcao::db

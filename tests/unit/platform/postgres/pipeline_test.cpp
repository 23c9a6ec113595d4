#include "platform/db/postgres/pipeline.hpp"

#include <gtest/gtest.h>

#include "platform/db/postgres/settling.hpp"

namespace balcao::db::postgres {
namespace {

constexpr Statement first{"first", "INSERT 1"};
constexpr Statement second{"second", "INSERT 2"};

ServerError error(std::string sqlstate) { return {std::move(sqlstate), "a_constraint", "a message", false}; }

class PipelineTest : public testing::Test {
 protected:
  static std::unique_ptr<Unit> unit_of(std::vector<Statement const*> statements) {
    auto unit = std::make_unique<Unit>();
    unit->effect = Effect::at_once;
    for (auto const* statement : statements) unit->calls.push_back({statement, {}});
    return unit;
  }

  void expect(std::vector<std::vector<Statement const*>> units) {
    Group group;
    std::vector<std::shared_ptr<Prepared>> prepared;
    for (auto& statements : units) {
      prepared.insert(prepared.end(), statements.size(), one);
      group.push_back(unit_of(std::move(statements)));
    }
    pipeline.expect(std::move(group), std::move(prepared), {});
  }

  /// All but the last must end nothing.
  template <class... Replies>
  std::vector<Pipeline::Answer> take(Replies... replies) {
    std::vector<Pipeline::Answer> answers;
    auto const give = [&](Reply reply) {
      EXPECT_TRUE(answers.empty());
      answers = pipeline.take(std::move(reply));
    };
    (give(std::move(replies)), ...);
    return answers;
  }

  /// The same where they end one unit.
  template <class... Replies>
  Pipeline::Answer take_one(Replies... replies) {
    auto answers = take(std::move(replies)...);
    if (answers.size() != 1) throw std::runtime_error("not one answer");
    return std::move(answers.front());
  }

  /// What the caller is told; nothing where the unit is to be sent again.
  static std::exception_ptr settle(Pipeline::Answer answer, decltype(&settle_lost) how = postgres::settle) {
    boost::asio::io_context loop;
    Outcome outcome;
    answer.unit->outcome = &outcome;
    answer.unit->resume = [] {};
    how(loop, std::move(answer));
    loop.run();
    return outcome.error;
  }

  static bool is_unknown(std::exception_ptr const& error) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (UnknownOutcome const&) {
      return true;
    } catch (std::exception const&) {
    }
    return false;
  }

  static Rows changed(std::int64_t count) { return {.rows = {}, .affected = count}; }

  std::shared_ptr<Prepared> one = std::make_shared<Prepared>();
  Pipeline pipeline;
};

TEST_F(PipelineTest, AUnitEndsWithItsSyncAndHasAllItsResults) {
  expect({{&first, &second}});
  expect({{&first}});
  auto const answer = take_one(changed(1), End{}, changed(2), End{}, Synced{});
  EXPECT_EQ(answer.results.size(), 2U);
  EXPECT_EQ(answer.results[1].affected, 2);
  EXPECT_FALSE(answer.error);
  EXPECT_EQ(pipeline.units(), 1U);
  EXPECT_EQ(take_one(changed(3), End{}, Synced{}).results.size(), 1U);
  EXPECT_TRUE(pipeline.empty());
}

TEST_F(PipelineTest, AFailureSkipsTheRestOfItsUnitAndNoMore) {
  expect({{&first, &second, &second}});
  expect({{&first}});
  auto const answer = take_one(changed(1), End{}, Failed{error("23505")}, End{}, Skipped{}, End{}, Synced{});
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->sqlstate, "23505");
  EXPECT_EQ(answer.failed_call, 1U);
  EXPECT_FALSE(answer.is_undone);
  EXPECT_FALSE(take_one(changed(1), End{}, Synced{}).error);
}

TEST_F(PipelineTest, UnitsOfAGroupEachHaveTheirOwnResults) {
  expect({{&first}, {&first, &second}, {&second}});
  auto const answers = take(changed(1), End{}, changed(2), End{}, changed(3), End{}, changed(4), End{}, Synced{});
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].results.front().affected, 1);
  EXPECT_EQ(answers[1].results.size(), 2U);
  EXPECT_EQ(answers[1].results[1].affected, 3);
  EXPECT_EQ(answers[2].results.front().affected, 4);
}

TEST_F(PipelineTest, AFailureUndoesItsGroupAndOnlyTheCauseMustGoAlone) {
  expect({{&first}, {&first, &second}, {&second}});
  auto const answers =
      take(changed(1), End{}, changed(1), End{}, Failed{error("23505")}, End{}, Skipped{}, End{}, Synced{});
  ASSERT_EQ(answers.size(), 3U);
  for (auto const& answer : answers) EXPECT_TRUE(answer.is_undone);
  EXPECT_FALSE(answers[0].unit->is_alone);
  EXPECT_TRUE(answers[1].unit->is_alone);
  EXPECT_FALSE(answers[2].unit->is_alone);
}

TEST_F(PipelineTest, WhatMayHaveBeenCommittedIsNotSentAgain) {
  for (auto const* code : {"40003", "08007"}) {
    expect({{&first}, {&second}});
    auto answers = take(changed(1), End{}, changed(1), End{}, Failed{error(code)}, End{}, Synced{});
    ASSERT_EQ(answers.size(), 2U);
    for (auto& answer : answers) EXPECT_TRUE(is_unknown(settle(std::move(answer)))) << code;
  }
}

/// The server runs it as soon as it has it: that its sync was not sent proves nothing.
TEST_F(PipelineTest, ACommitWhoseEndWasNotSentIsUnknown) {
  expect({{&first}});
  auto write = std::move(pipeline.give_up(false).front());
  EXPECT_FALSE(is_unknown(settle(std::move(write), settle_lost)));
  expect({{&first}});
  auto commit = std::move(pipeline.give_up(false).front());
  commit.unit->effect = Effect::at_execution;
  EXPECT_TRUE(is_unknown(settle(std::move(commit), settle_lost)));
}

TEST_F(PipelineTest, ACommitMayFailAfterItsLastStatement) {
  expect({{&first}});
  auto const answer = take_one(changed(1), End{}, Failed{error("23503")}, End{}, Synced{});
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->sqlstate, "23503");
  EXPECT_EQ(answer.failed_call, 0U);

  expect({{&first}, {&second}});  // anybody's fault
  for (auto const& each : take(changed(1), End{}, changed(1), End{}, Failed{error("23503")}, End{}, Synced{})) {
    EXPECT_TRUE(each.is_undone && each.unit->is_alone);
  }
}

TEST_F(PipelineTest, WhatCouldNotBePreparedFailsForThatReason) {
  pipeline.expect(one, {});
  expect({{&first}});
  expect({{&first}});
  EXPECT_TRUE(take(Failed{error("42P01")}, End{}, Synced{}).empty());
  EXPECT_EQ(one->failure->sqlstate, "42P01");
  EXPECT_EQ(take_one(Failed{error("26000")}, End{}, Synced{}).error->sqlstate, "42P01");
  EXPECT_EQ(take_one(Failed{error("26000")}, End{}, Synced{}).error->sqlstate, "42P01");
}

TEST_F(PipelineTest, APreparedStatementThatIsGoneIsNotUsedAgain) {
  pipeline.expect(one, {});
  expect({{&first}});
  EXPECT_TRUE(take(changed(0), End{}, Synced{}).empty());
  EXPECT_FALSE(one->failure);
  EXPECT_TRUE(take_one(Failed{error("0A000")}, End{}, Synced{}).error->may_pass_again());
  EXPECT_TRUE(one->failure);
}

TEST_F(PipelineTest, RowsThatCannotBeReadAreOfOneUnitOnly) {
  expect({{&first}, {&second}});
  auto const why = std::make_exception_ptr(std::logic_error("a type"));
  auto const answers = take(changed(1), End{}, Unreadable{why}, End{}, Synced{});
  EXPECT_FALSE(answers.at(0).unreadable);
  EXPECT_TRUE(answers.at(1).unreadable);
}

TEST_F(PipelineTest, ALossLeavesWhatIsUnansweredInOrder) {
  expect({{&first}});
  expect({{&first, &second}});
  expect({{&second}});
  take(changed(1), End{}, Synced{});
  take(changed(1), End{}, Failed{error("23505")});
  auto const unanswered = pipeline.give_up();
  ASSERT_EQ(unanswered.size(), 2U);
  EXPECT_TRUE(unanswered[0].error) << "it failed for certain, though its sync never came";
  EXPECT_FALSE(unanswered[1].error);
  EXPECT_TRUE(pipeline.empty());
  EXPECT_EQ(pipeline.units(), 0U);
}

TEST_F(PipelineTest, RefusesWhatWasNotAsked) {
  EXPECT_THROW(take(changed(1)), ProtocolViolation);
  expect({{&first}});
  EXPECT_THROW(take(Synced{}), ProtocolViolation);
  EXPECT_THROW(take(End{}), ProtocolViolation);
  take(changed(1));
  EXPECT_THROW(take(changed(1)), ProtocolViolation);
  EXPECT_THROW(take(Synced{}), ProtocolViolation);
  take(End{});
  EXPECT_THROW(take(changed(1)), ProtocolViolation);
}

TEST_F(PipelineTest, TheFirstInLineSaysWhenTheConnectionIsInDoubt) {
  EXPECT_EQ(pipeline.cut_off(), Deadline::max());
  auto const soon = Deadline{std::chrono::seconds(5)};
  pipeline.expect(one, soon);
  expect({{&first}});
  EXPECT_EQ(pipeline.cut_off(), soon);
}

}  // namespace
}  // namespace balcao::db::postgres

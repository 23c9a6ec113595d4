#include "access/revocation_feed.hpp"

#include "../platform/base/manual_clock.hpp"
#include "../platform/base/tasks.hpp"
#include "known_auth.hpp"
#include "told_state.hpp"

namespace balcao::access::test {
namespace {

using namespace std::chrono_literals;

class RevocationFeedTest : public balcao::test::LoopsTest {
 protected:
  RevocationFeedTest() { auth.as_of = clock.now(); }

  Uuid end_a_session() {
    auto const session = Uuid::make(clock.now());
    auth.ended[session] = clock.now();
    return session;
  }

  /// Follows until `condition` holds.
  void follow_until(std::function<bool()> condition) {
    auto const stop_then = [](std::function<bool()> wanted, RevocationFeed& that) -> Task<> {
      auto const failure = co_await balcao::test::failure_of(balcao::test::until(std::move(wanted)));
      that.stop();
      if (failure) std::rethrow_exception(failure);
    };
    std::vector<Task<>> both;
    both.push_back(feed.follow());
    both.push_back(stop_then(std::move(condition), feed));
    for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  }

  balcao::test::ManualClock clock;
  KnownAuth auth;
  ToldState shared;
  Revocations revocations;
  RevocationFeed feed{auth, shared, revocations, clock};
};

TEST_F(RevocationFeedTest, LoadsWhatHasEndedBefore) {
  auto const ended = end_a_session();
  run(feed.load());
  EXPECT_TRUE(revocations.contains(ended));
  EXPECT_TRUE(feed.is_current());
}

TEST_F(RevocationFeedTest, DoesNotStartWithoutAuth) {
  auth.is_away = true;
  EXPECT_EQ(status(feed.load()), 503);
}

TEST_F(RevocationFeedTest, LearnsFromAMessageAtOnce) {
  run(feed.load());
  auto const ended = Uuid::make(clock.now());
  run(announce(shared, {{ended, clock.now() + 15min}}));
  EXPECT_TRUE(revocations.contains(ended));
  revocations.purge(clock.now() + 15min);
  EXPECT_FALSE(revocations.contains(ended)) << "it carries until when it must be remembered";
}

TEST_F(RevocationFeedTest, HearsNothingAfterItsEnd) {
  Revocations others;
  auto short_lived = std::make_unique<RevocationFeed>(auth, shared, others, clock);
  short_lived.reset();
  auto const ended = Uuid::make(clock.now());
  run(announce(shared, {{ended, clock.now() + 15min}}));
  EXPECT_FALSE(others.contains(ended));
}

TEST_F(RevocationFeedTest, LooksForWhatNoMessageTold) {
  run(feed.load());
  auto const ended = end_a_session();
  follow_until([&] { return revocations.contains(ended); });
}

TEST_F(RevocationFeedTest, LooksBehindTheLastLookForWhatWasCommittedLate) {
  run(feed.load());
  clock.advance(1s);
  auth.as_of = clock.now();
  run(feed.load());
  clock.advance(-2s);
  auto const late = end_a_session();
  run(feed.load());
  EXPECT_TRUE(revocations.contains(late));
}

TEST_F(RevocationFeedTest, IsNotCurrentFromAnInterruptionUntilItsGapIsFilled) {
  run(feed.load());
  shared.is_current = false;
  EXPECT_FALSE(feed.is_current());
  auto const missed = end_a_session();
  shared.resume();
  EXPECT_FALSE(feed.is_current()) << "messages come again, but what came meanwhile is not known yet";
  follow_until([&] { return feed.is_current(); });
  EXPECT_TRUE(revocations.contains(missed));
}

TEST_F(RevocationFeedTest, StaysInDoubtWhileAuthCannotBeAsked) {
  run(feed.load());
  auth.is_away = true;
  shared.resume();
  EXPECT_EQ(status(feed.load()), 503);
  EXPECT_FALSE(feed.is_current());
  auth.is_away = false;
  follow_until([&] { return feed.is_current(); });
}

TEST_F(RevocationFeedTest, LooksAtTheDatabaseForAMessageThatItDoesNotUnderstand) {
  run(feed.load());
  auto const missed = end_a_session();
  for (auto const* message :
       {"", "x", "01a20d4b-97b9-76e7-bcd8-dd4f3c952d2e", "01a20d4b-97b9-76e7-bcd8-dd4f3c952d2e 1x"}) {
    shared.deliver("ended-sessions", message);
    EXPECT_FALSE(feed.is_current()) << message;
  }
  follow_until([&] { return feed.is_current(); });
  EXPECT_TRUE(revocations.contains(missed));
}

TEST_F(RevocationFeedTest, AnnouncesWithPatienceWhereMessagesDoNotGoThrough) {
  shared.refuses = true;
  run(feed.load());
  auto const ended = end_a_session();
  std::vector<Task<>> both;
  auto const announce_and_stop = [](shared::SharedState& state, Uuid session, RevocationFeed& that,
                                    Revocations const& known) -> Task<> {
    co_await announce(state, {{session, Time::max()}});
    EXPECT_TRUE(known.contains(session)) << "acknowledged before this process had looked by itself";
    that.stop();
  };
  both.push_back(feed.follow());
  both.push_back(announce_and_stop(shared, ended, feed, revocations));
  for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
}

}  // namespace
}  // namespace balcao::access::test

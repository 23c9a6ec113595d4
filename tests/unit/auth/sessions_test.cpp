#include <set>

#include "auth_fixture.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/crypto/password.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;

class SessionsTest : public test::AuthTest {
 protected:
  Tokens open() { return open_session(user); }
  Tokens refresh(std::string token) { return run(sessions.refresh(std::move(token), here)); }
  int refresh_status(std::string token) { return status(sessions.refresh(std::move(token), here)); }
  int close_status(std::string token) { return status(sessions.close(std::move(token), here)); }
  jwt::Claims claims(Tokens const& tokens) { return verifier.verify(tokens.access_token, clock.now()).value(); }

  /// Sessions do not depend on how the password was hashed, so it is done cheaply.
  User add_user_cheaply() {
    User const made{Id<User>::make(clock.now()), "ana", Role::user, false, clock.now()};
    run(account_store.insert_user(made, crypto::hash_password(good_password, {.memory_kib = 64, .passes = 1}), {}));
    return made;
  }

  User const user = add_user_cheaply();
};

TEST_F(SessionsTest, OpensWithTokensThatSayWhoAndHowLong) {
  auto const tokens = open();
  auto const said = claims(tokens);
  EXPECT_EQ(said.sub, user.id.str());
  EXPECT_EQ(said.sid, tokens.session.str());
  EXPECT_EQ(said.role, "user");
  EXPECT_EQ(said.exp - said.iat, 900);
  EXPECT_EQ(tokens.expires_in, 15min);
  EXPECT_EQ(tokens.refresh_expires_in, std::chrono::days(30));
  EXPECT_EQ(tokens.refresh_token.size(), 43U);
  EXPECT_NE(open().refresh_token, tokens.refresh_token);
  db::Statement const search{"search", "SELECT count(*) FROM auth.refresh_tokens WHERE token_hash = $1"};
  EXPECT_EQ(run(database->query(search, db::Bytes{tokens.refresh_token})).front().get<std::int64_t>(0), 0)
      << "only hashes are stored";
}

TEST(OriginOf, KeepsTextOfAnyBytesAsText) {
  EXPECT_EQ(Origin::of("192.0.2.1", std::string(300, 'a') + "\xff").user_agent, std::string(256, 'a'));
  EXPECT_EQ(Origin::of("192.0.2.1",
                       "\xff\t\x01"
                       "\xc3\xa9 b")
                .user_agent,
            "????? b");
}

TEST_F(SessionsTest, DoNotOpenForWhoWasDisabledOrChangedHisPasswordMeanwhile) {
  auto const proven = run(account_store.find_credentials("ana")).value();
  set_disabled(user, true);
  EXPECT_FALSE(run(sessions.open(proven, here)));
  set_disabled(user, false);
  EXPECT_TRUE(run(sessions.open(proven, here)));
  run(accounts.change_password(proven, password("another-long-phrase-9"), "/new_password", {}, here));
  EXPECT_FALSE(run(sessions.open(proven, here)));
  EXPECT_EQ(count("SELECT count(*) FROM auth.refresh_tokens"), 1);
}

TEST_F(SessionsTest, NoneStaysOpenForWhoIsDisabledWhileHeLogsIn) {
  auto const proven = run(account_store.find_credentials("ana")).value();
  for (int round = 0; round < 20; ++round) {
    at_once(6, [&, turn = 0]() mutable -> Task<int> {
      if (turn++ == 3) return status_task(administration.set_disabled(Actor::command_line(), user.id, true));
      return status_task(sessions.open(proven, here));
    });
    ASSERT_EQ(count("SELECT count(*) FROM auth.sessions WHERE ended_at IS NULL"), 0) << "round " << round;
    set_disabled(user, false);
  }
}

TEST_F(SessionsTest, AreListedWhileTheyAreOpen) {
  auto const first = open();
  clock.advance(1h);
  auto const second = open_session(user, {"2001:db8::7", "a phone"});
  auto const listed = run(sessions.list(user.id, {}, 10));
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed.front().id, second.session);
  EXPECT_EQ(listed.front().origin.address, "2001:db8::7");
  EXPECT_EQ(listed.front().origin.user_agent, "a phone");
  EXPECT_EQ(run(sessions.list(user.id, second.session, 10)).size(), 1U);
  EXPECT_EQ(run(sessions.list(user.id, {}, 1)).size(), 1U);
  clock.advance(settings.refresh_token_life - 1h);
  EXPECT_EQ(run(sessions.list(user.id, {}, 10)).size(), 1U) << "the first was unused for too long";
  EXPECT_EQ(run(sessions.list(Id<User>::make(clock.now()), {}, 10)).size(), 0U);
  EXPECT_EQ(status(sessions.end_own(user.id, second.session, here)), 0);
  EXPECT_EQ(run(sessions.list(user.id, {}, 10)).size(), 0U);
  EXPECT_EQ(refresh_status(first.refresh_token), 401);
}

TEST_F(SessionsTest, EndOneByOneAndOnlyOnesOwn) {
  auto const mine = open();
  auto const rui = add_user("rui");
  EXPECT_EQ(status(sessions.end_own(rui.id, mine.session, here)), 404);
  EXPECT_EQ(refresh_status(mine.refresh_token), 0);
  EXPECT_EQ(status(sessions.end_own(user.id, mine.session, here)), 0);
  EXPECT_EQ(status(sessions.end_own(user.id, mine.session, here)), 404) << "it is no more";
  EXPECT_TRUE(revocations.contains(mine.session.uuid));
}

TEST_F(SessionsTest, EndAllButOne) {
  auto const mine = open();
  auto const others = {open(), open()};
  run(sessions.end_all({user.id, here}, user.id, mine.session));
  for (auto const& other : others) {
    EXPECT_EQ(refresh_status(other.refresh_token), 401);
    EXPECT_TRUE(revocations.contains(other.session.uuid));
  }
  EXPECT_EQ(refresh_status(mine.refresh_token), 0);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'sessions_ended'"), 1);
}

TEST_F(SessionsTest, LeaveOneLineInTheTrailHoweverOftenTheyEnd) {
  auto const tokens = open();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(close_status(tokens.access_token), 0);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'logged_out'"), 1);
}

TEST_F(SessionsTest, RotatesRefreshTokens) {
  auto const first = open();
  clock.advance(1h);
  auto const second = refresh(first.refresh_token);
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_EQ(second.session, first.session);
  EXPECT_EQ(claims(second).sid, first.session.str());
  clock.advance(std::chrono::days(29));
  auto const third = refresh(second.refresh_token);
  clock.advance(std::chrono::days(30));
  EXPECT_EQ(refresh_status(third.refresh_token), 401) << "unused for too long";
}

TEST_F(SessionsTest, GivesTheSameSuccessorWithinTheGrace) {
  auto const first = open();
  auto const second = refresh(first.refresh_token);
  clock.advance(10s);
  EXPECT_EQ(refresh(first.refresh_token).refresh_token, second.refresh_token);
  auto const third = refresh(second.refresh_token);
  EXPECT_NE(third.refresh_token, second.refresh_token);
  EXPECT_EQ(count("SELECT count(*) FROM auth.refresh_tokens"), 3);
}

TEST_F(SessionsTest, EndsTheSessionOnLateReuse) {
  auto const first = open();
  auto const second = refresh(first.refresh_token);
  clock.advance(10s + 1us);
  EXPECT_EQ(refresh_status(first.refresh_token), 401);
  EXPECT_EQ(refresh_status(second.refresh_token), 401) << "the thief's or the owner's: nobody knows";
  EXPECT_TRUE(revocations.contains(first.session.uuid));
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions WHERE end_reason = 'refresh_token_reused'"), 1);
}

TEST_F(SessionsTest, ParallelRefreshesMakeOneFamily) {
  auto const first = open();
  std::set<std::string> successors;
  auto const statuses = at_once(100, [&]() -> Task<int> {
    successors.insert((co_await sessions.refresh(first.refresh_token, here)).refresh_token);
    co_return 200;
  });
  EXPECT_EQ(std::ranges::count(statuses, 200), 100);
  EXPECT_EQ(successors.size(), 1U);
  EXPECT_EQ(count("SELECT count(*) FROM auth.refresh_tokens"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions"), 1);
}

TEST_F(SessionsTest, NothingOutlivesItsSession) {
  settings.session_life = std::chrono::days(1);
  auto tokens = open();
  clock.advance(23h + 50min);
  tokens = refresh(tokens.refresh_token);
  EXPECT_EQ(tokens.expires_in, 10min);
  EXPECT_EQ(tokens.refresh_expires_in, 10min);
  EXPECT_EQ(claims(tokens).exp - claims(tokens).iat, 600);
  clock.advance(10min);
  EXPECT_EQ(refresh_status(tokens.refresh_token), 401);
  EXPECT_FALSE(verifier.verify(tokens.access_token, clock.now()));
}

TEST_F(SessionsTest, ClosesByEitherToken) {
  auto const by_access = open();
  auto const by_refresh = open();
  auto const bystander = open();
  EXPECT_EQ(close_status(by_access.access_token), 0);
  EXPECT_EQ(close_status(by_refresh.refresh_token), 0);
  for (auto const& ended : {by_access, by_refresh}) {
    EXPECT_TRUE(revocations.contains(ended.session.uuid));
    EXPECT_EQ(refresh_status(ended.refresh_token), 401);
    EXPECT_EQ(close_status(ended.access_token), 0) << "again is fine";
    EXPECT_EQ(close_status(ended.refresh_token), 0);
  }
  EXPECT_FALSE(revocations.contains(bystander.session.uuid));
  EXPECT_EQ(refresh_status(bystander.refresh_token), 0);
}

TEST_F(SessionsTest, ClosesByATokenThatHasExpired) {
  auto const tokens = open();
  clock.advance(std::chrono::days(2));
  EXPECT_FALSE(verifier.verify(tokens.access_token, clock.now()));
  EXPECT_EQ(close_status(tokens.access_token), 0);
  EXPECT_EQ(refresh_status(tokens.refresh_token), 401);
}

TEST_F(SessionsTest, ClosesNothingByWhatIsNoTokenOfOurs) {
  auto const tokens = open();
  jwt::Signer const stranger(jwt::Key::hs256("another secret of thirty-two bytes"));
  auto const forged = stranger.sign(claims(tokens));
  for (auto const& wrong :
       {std::string(), std::string("x"), forged, tokens.access_token + "x", tokens.refresh_token + "A"}) {
    EXPECT_EQ(close_status(wrong), 401) << wrong;
    EXPECT_EQ(refresh_status(wrong), 401) << wrong;
  }
  EXPECT_FALSE(revocations.contains(tokens.session.uuid));
}

TEST_F(SessionsTest, AnEndBeatsARefreshUnderWay) {
  auto const tokens = open();
  auto const statuses = at_once(2, [&, turn = 0]() mutable -> Task<int> {
    if (turn++ == 0) return status_task(sessions.refresh(tokens.refresh_token, here));
    return status_task(sessions.close(tokens.access_token, here));
  });
  EXPECT_EQ(statuses.back(), 0);
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions WHERE ended_at IS NULL"), 0);
  db::Statement const search{"search", "SELECT count(*) FROM auth.refresh_tokens WHERE used_at IS NULL"};
  EXPECT_LE(run(database->query(search)).front().get<std::int64_t>(0), 1);
}

// Between finding the token and rotating it.
TEST_F(SessionsTest, NoTokenFollowsOneWhoseSessionHasEndedMeanwhile) {
  auto const tokens = open();
  auto const hash = crypto::sha256(tokens.refresh_token);
  ASSERT_FALSE(run(session_store.find_refresh_token(hash))->session_ended);
  close_status(tokens.access_token);
  EXPECT_FALSE(run(session_store.rotate(hash, crypto::sha256("successor"), tokens.session, clock.now())));
  EXPECT_FALSE(run(session_store.find_refresh_token(crypto::sha256("successor"))));
}

TEST_F(SessionsTest, DisablingAUserEndsAllOfHis) {
  auto const first = open();
  auto const second = open();
  set_disabled(user, true);
  EXPECT_EQ(refresh_status(first.refresh_token), 401);
  EXPECT_EQ(refresh_status(second.refresh_token), 401);
  EXPECT_EQ(login("ana"), 401);
  set_disabled(user, false);
  EXPECT_EQ(refresh_status(first.refresh_token), 401) << "what has ended stays so";
  EXPECT_EQ(login("ana"), 0);
}

TEST_F(SessionsTest, ANewRoleComesWithTheNextToken) {
  auto const tokens = open();
  set_role(user, Role::admin);
  EXPECT_EQ(claims(tokens).role, "user");
  EXPECT_EQ(claims(refresh(tokens.refresh_token)).role, "admin");
}

TEST_F(SessionsTest, IsForgottenOnceItsTokensAreOver) {
  auto const tokens = open();
  EXPECT_EQ(close_status(tokens.access_token), 0);
  clock.advance(settings.access_token_life - 1s);
  revocations.purge(clock.now());
  EXPECT_TRUE(revocations.contains(tokens.session.uuid));
  clock.advance(1s);
  revocations.purge(clock.now());
  EXPECT_FALSE(revocations.contains(tokens.session.uuid));
  EXPECT_FALSE(verifier.verify(tokens.access_token, clock.now())) << "its tokens are over too";
}

TEST_F(SessionsTest, PurgesOnlyWhatIsOver) {
  auto const ended = open();
  auto const alive = open();
  run(session_store.end_session(ended.session, "logged_out", clock.now(),
                                audit.entry_of_session(Event::logged_out, ended.session, here)));
  EXPECT_EQ(run(session_store.purge_ended(clock.now(), 10)), 0);
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions"), 2) << "its access tokens may still live";
  EXPECT_EQ(run(session_store.purge_ended(clock.now() + 1us, 10)), 1);
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM auth.refresh_tokens"), 1);
  EXPECT_EQ(refresh_status(alive.refresh_token), 0);

  auto const expires_at = clock.now() + settings.session_life;
  EXPECT_EQ(run(session_store.purge_expired(expires_at, 10)), 0);
  EXPECT_EQ(run(session_store.purge_expired(expires_at + 1us, 10)), 1);
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM auth.refresh_tokens"), 0);
}

TEST_F(SessionsTest, ThousandsOfOldTokensAreDeletedPortionByPortion) {
  for (int i = 0; i < 3; ++i) {
    auto tokens = open();
    for (int step = 0; step < 4; ++step) tokens = refresh(tokens.refresh_token);
  }
  run(sessions.end_all({user.id, here}, user.id, std::nullopt));
  auto const later = clock.now() + 1us;
  auto const rows = [this] {
    return count("SELECT (SELECT count(*) FROM auth.sessions) + (SELECT count(*) FROM auth.refresh_tokens)");
  };
  ASSERT_EQ(rows(), 3 + 3 * 5);
  // Ten tokens of the first two sessions, the two sessions, five tokens of the third, the third.
  for (auto left = rows(); left > 0; left = rows()) {
    auto const deleted = run(session_store.purge_ended(later, 2));
    EXPECT_LE(left - rows(), 2 + 1);
    EXPECT_EQ(deleted == 2, rows() > 0) << rows();
  }
}

TEST_F(SessionsTest, OldDevicesAreDeletedPortionByPortion) {
  for (auto const* browser : {"one", "two", "three"}) login("ana", good_password, {"192.0.2.1", browser});
  EXPECT_EQ(run(session_store.purge_devices(clock.now(), 2)), 0);
  EXPECT_EQ(run(session_store.purge_devices(clock.now() + 1us, 2)), 2);
  EXPECT_EQ(run(session_store.purge_devices(clock.now() + 1us, 2)), 1);
}

}  // namespace
}  // namespace balcao::auth

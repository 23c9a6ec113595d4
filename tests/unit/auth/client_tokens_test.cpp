#include "auth_fixture.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;

class ClientTokensTest : public test::AuthTest {
 protected:
  ServiceAccount make(std::string_view name) {
    std::vector<Scope> const scopes{Scope::parse("products:write").value(), Scope::parse("payments:read").value()};
    return run(service_accounts.create(username(name), scopes, Actor::command_line())).account;
  }
  std::optional<ServiceToken> grant(ServiceAccount const& account, std::optional<std::string> scope = {}) {
    return run(client_tokens.grant(state_of(account), std::move(scope), {"192.0.2.1", "a program"}));
  }
  std::optional<LiveToken> introspect(std::string token) { return run(client_tokens.introspect(std::move(token))); }
  bool is_done(ServiceAccount const& client, std::string token) {
    return run(client_tokens.revoke(client.id, std::move(token), {})) == Revocation::done;
  }

  ServiceAccount const robot = make("robot");
  ServiceAccount const other = make("other");
};

TEST_F(ClientTokensTest, SayWhoAndWhat) {
  auto const token = grant(robot).value();
  EXPECT_EQ(token.scope, "payments:read products:write");
  EXPECT_EQ(token.expires_in, 15min);
  auto const claims = verifier.verify(token.access_token, clock.now()).value();
  EXPECT_EQ(claims.sub, robot.id.str());
  EXPECT_EQ(claims.client_id, robot.id.str());
  EXPECT_EQ(claims.role, "service");
  EXPECT_EQ(claims.scope, token.scope);
  EXPECT_EQ(claims.exp - claims.iat, 900);
  EXPECT_EQ(count("SELECT count(*) FROM auth.refresh_tokens"), 0);
  auto const again = grant(robot).value();
  EXPECT_NE(session_of(again.access_token), session_of(token.access_token)) << "each can be ended by itself";
}

TEST_F(ClientTokensTest, HaveNoMoreScopesThanTheirAccount) {
  EXPECT_EQ(grant(robot, "payments:read")->scope, "payments:read");
  EXPECT_FALSE(grant(robot, "users:read"));
  EXPECT_FALSE(grant(robot, "payments:read users:read"));
  auto const none = run(service_accounts.set_scopes(robot.id, {}, Actor::command_line()));
  EXPECT_EQ(grant(none)->scope, "") << "it may ask about tokens, and nothing else";
  EXPECT_FALSE(grant(none, "payments:read"));
}

TEST_F(ClientTokensTest, AreKnownWhileTheyLive) {
  auto const token = grant(robot, "payments:read").value();
  auto const live = introspect(token.access_token).value();
  EXPECT_EQ(live.scope, "payments:read");
  EXPECT_EQ(live.client_id, robot.id.str());
  EXPECT_EQ(live.username, "robot");
  EXPECT_EQ(live.token_type, "Bearer");
  EXPECT_EQ(live.exp - live.iat, 900);
  EXPECT_EQ(live.sub, robot.id.str());
  EXPECT_EQ(live.aud, settings.audience);
  EXPECT_EQ(live.role, "service");
  EXPECT_EQ(live.sid, session_of(token.access_token).str());
  clock.advance(15min);
  EXPECT_FALSE(introspect(token.access_token));
  EXPECT_FALSE(introspect("nonsense"));
  EXPECT_FALSE(introspect(""));
}

TEST_F(ClientTokensTest, OfUsersAreKnownToo) {
  auto const tokens = open_session(add_user("ana"));
  auto const access = introspect(tokens.access_token).value();
  EXPECT_EQ(access.username, "ana");
  EXPECT_EQ(access.role, "user");
  EXPECT_EQ(access.scope, "");
  auto const refresh = introspect(tokens.refresh_token).value();
  EXPECT_EQ(refresh.sub, access.sub);
  EXPECT_EQ(refresh.sid, access.sid);
  EXPECT_EQ(refresh.client_id, own_client_id);
  EXPECT_EQ(refresh.token_type, "");
  EXPECT_EQ(refresh.exp - refresh.iat, std::chrono::seconds(settings.refresh_token_life).count());
  clock.advance(settings.refresh_token_life);
  EXPECT_FALSE(introspect(tokens.refresh_token));
}

TEST_F(ClientTokensTest, ARotatedRefreshTokenLivesAsLongAsItsGrace) {
  auto const tokens = open_session(add_user("ana"));
  auto const successor = run(sessions.refresh(tokens.refresh_token, here)).refresh_token;
  EXPECT_TRUE(introspect(tokens.refresh_token));
  clock.advance(settings.refresh_grace + 1us);
  EXPECT_FALSE(introspect(tokens.refresh_token));
  EXPECT_TRUE(introspect(successor)) << "asking about a token is no use of it";
}

TEST_F(ClientTokensTest, EndWithTheirSessionAndTheirUser) {
  auto const ana = add_user("ana");
  auto const ended = open_session(ana);
  run(sessions.close(ended.access_token, here));
  EXPECT_FALSE(introspect(ended.access_token));
  EXPECT_FALSE(introspect(ended.refresh_token));
  auto const of_robot = grant(robot).value();
  auto const of_ana = open_session(ana);
  set_disabled(robot, true);
  set_disabled(ana, true);
  for (auto const& token : {of_robot.access_token, of_ana.access_token, of_ana.refresh_token}) {
    EXPECT_FALSE(introspect(token));
  }
}

TEST_F(ClientTokensTest, AreEndedByTheirOwnClientAlone) {
  auto const token = grant(robot).value().access_token;
  auto const sibling = grant(robot).value().access_token;
  EXPECT_FALSE(is_done(other, token));
  EXPECT_TRUE(introspect(token));
  EXPECT_TRUE(is_done(robot, token));
  EXPECT_FALSE(introspect(token));
  EXPECT_TRUE(introspect(sibling));
  EXPECT_TRUE(revocations.contains(session_of(token).uuid));
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'token_revoked'"), 1);
  EXPECT_TRUE(is_done(robot, token)) << "again is fine";
  EXPECT_FALSE(is_done(other, token)) << "and remains another's";
}

TEST_F(ClientTokensTest, WhatIsNoTokenIsRevokedAlready) {
  auto const expired = grant(robot).value().access_token;
  clock.advance(1h);
  for (auto const& token : {expired, std::string("nonsense"), std::string()}) EXPECT_TRUE(is_done(robot, token));
}

TEST_F(ClientTokensTest, OfUsersAreNotTheClientsToEnd) {
  auto const tokens = open_session(add_user("ana"));
  EXPECT_FALSE(is_done(robot, tokens.access_token));
  EXPECT_FALSE(is_done(robot, tokens.refresh_token));
  EXPECT_TRUE(introspect(tokens.access_token));
}

}  // namespace
}  // namespace balcao::auth

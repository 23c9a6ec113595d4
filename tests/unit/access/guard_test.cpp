#include "access/guard.hpp"

#include "../platform/base/manual_clock.hpp"
#include "../platform/base/tasks.hpp"
#include "known_auth.hpp"
#include "told_state.hpp"

namespace balcao::access::test {
namespace {

using balcao::test::ManualClock;

class GuardTest : public balcao::test::LoopsTest {
 protected:
  std::string token(std::string_view role = role_user, std::string_view scope = {}) {
    jwt::Claims claims;
    claims.iss = claims.aud = "balcao";
    claims.sub = user.str();
    claims.sid = session.str();
    claims.role = role;
    claims.scope = scope;
    claims.iat = std::chrono::floor<std::chrono::seconds>(clock.now().time_since_epoch()).count();
    claims.exp = claims.iat + 900;
    return jwt::Signer(key).sign(claims);
  }

  /// The status with which a request with the token is refused; 200 for none.
  int admit(std::string const& bearer, http::Access access = http::Access::user) {
    auto const header = "Bearer " + bearer;
    http::Request request;
    request.headers = {{"Authorization", header}};
    auto const admitted = run(guard.admit(request, access));
    if (admitted && !access.is(http::Access::service)) EXPECT_EQ(admitted->user, user);
    return admitted ? 200 : admitted.error().status();
  }
  int admit_service(std::string const& bearer) { return admit(bearer, http::Access::service); }

  ManualClock clock;
  Uuid user = Uuid::make(clock.now());
  Uuid session = Uuid::make(clock.now());
  jwt::Key key = jwt::Key::hs256("a secret of at least thirty-two bytes");
  jwt::Verifier verifier{{key}, {"balcao"}, "balcao"};
  contracts::ServiceTokens service_tokens{"a service key of at least thirty-two bytes", clock};
  KnownAuth auth;
  ToldState shared;
  Revocations revocations;
  RevocationFeed feed{auth, shared, revocations, clock};
  Guard guard{{verifier, service_tokens, revocations, feed, auth, clock, 1}};
};

TEST_F(GuardTest, AdmitsTheSameTokenAgain) {
  auto const good = token();
  EXPECT_EQ(admit(good), 200);
  EXPECT_EQ(admit(good), 200);
}

TEST_F(GuardTest, RefusesATokenThatItHasAdmittedOnceItHasExpired) {
  auto const good = token();
  EXPECT_EQ(admit(good), 200);
  clock.advance(std::chrono::seconds(901));
  EXPECT_EQ(admit(good), 401);
}

TEST_F(GuardTest, RefusesATokenThatItHasAdmittedOnceItsSessionHasEnded) {
  auto const good = token();
  EXPECT_EQ(admit(good), 200);
  revocations.add(session, clock.now() + std::chrono::minutes(15));
  EXPECT_EQ(admit(good), 401);
}

TEST_F(GuardTest, RefusesATokenThatDiffersFromAnAdmittedOneInItsLastCharacter) {
  auto const good = token();
  EXPECT_EQ(admit(good), 200);
  auto forged = good;
  forged.back() = forged.back() == 'A' ? 'E' : 'A';
  EXPECT_EQ(admit(forged), 401);
  EXPECT_EQ(admit(forged), 401);
}

TEST_F(GuardTest, RefusesATokenThatItHasAdmittedOnceItsKeyIsTakenAway) {
  auto const good = token();
  EXPECT_EQ(admit(good), 200);
  auto const next = jwt::Key::generate_es256();
  verifier.use({key, next}, {"balcao"});
  EXPECT_EQ(admit(good), 200) << "a key more takes nothing away";
  verifier.use({next}, {"balcao"});
  EXPECT_EQ(admit(good), 401);
  verifier.use({next, key}, {"balcao"});
  EXPECT_EQ(admit(good), 200);
  verifier.use({next, key}, {"https://shop.example"});
  EXPECT_EQ(admit(good), 401) << "its issuer is not accepted any more";
}

TEST_F(GuardTest, KeepsTheRoleOfATokenApartFromWhatAnEndpointWants) {
  auto const of_user = token(role_user);
  auto const of_admin = token(role_admin);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(admit(of_user, http::Access::administrator), 403);
    EXPECT_EQ(admit(of_admin, http::Access::administrator), 200);
  }
}

TEST_F(GuardTest, AdmitsAServiceAccountWhereItsScopeIsAskedFor) {
  auto const writer = http::Access::user.with_scope("products:write");
  auto const of_account = token(role_service, "payments:read products:write");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(admit(of_account, writer), 200);
    EXPECT_EQ(admit(of_account, http::Access::administrator.with_scope("payments:read")), 200);
    EXPECT_EQ(admit(of_account, http::Access::user.with_scope("products")), 403) << "a part of a name is none";
    EXPECT_EQ(admit(of_account), 403) << "without a scope it is closed";
    EXPECT_EQ(admit(of_account, http::Access::administrator), 403);
    EXPECT_EQ(admit(token(role_service), writer), 403);
    EXPECT_EQ(admit(token(role_service)), 403);
  }
}

TEST_F(GuardTest, TellsAServiceAccountWhichScopeItLacks) {
  auto const header = "Bearer " + token(role_service, "payments:read");
  http::Request request;
  request.headers = {{"Authorization", header}};
  auto const challenge = [&](http::Access access) {
    return run(guard.admit(request, access)).error().headers().front().second;
  };
  EXPECT_EQ(challenge(http::Access::user.with_scope("users:read")),
            R"(Bearer realm="balcao", error="insufficient_scope", scope="users:read")");
  EXPECT_EQ(challenge(http::Access::user), R"(Bearer realm="balcao", error="insufficient_scope")");
  auto const caller = run(guard.admit(request, http::Access::user.with_scope("payments:read")));
  EXPECT_TRUE(caller->service_account);
  EXPECT_FALSE(caller->administrator);
}

TEST_F(GuardTest, NarrowsNoUserByScopes) {
  auto const anyones = http::Access::user.with_scope("products:write");
  auto const administrators = http::Access::administrator.with_scope("users:read");
  EXPECT_EQ(admit(token(role_user), anyones), 200);
  EXPECT_EQ(admit(token(role_admin), administrators), 200);
  EXPECT_EQ(admit(token(role_user), administrators), 403);
  EXPECT_EQ(admit(token(role_user, "users:read"), administrators), 403) << "a user's role decides";
}

TEST_F(GuardTest, AsksAuthWhereAnEndMayHaveBeenMissed) {
  auto const good = token();
  EXPECT_EQ(admit(good), 200);
  EXPECT_TRUE(auth.traces.empty()) << "nobody is asked in the common case";
  shared.is_current = false;
  EXPECT_EQ(admit(good), 200);
  EXPECT_EQ(auth.traces.size(), 1U);
  auth.ended[session] = clock.now();
  EXPECT_EQ(admit(good), 401);
  shared.is_current = true;
  shared.resume();
  EXPECT_EQ(admit(good), 401) << "what was missed has not been loaded yet";
}

TEST_F(GuardTest, KnowsAVisitorWithoutAskingAnyone) {
  EXPECT_EQ(admit(token(role_user), http::Access::visitor), 200);
  EXPECT_EQ(admit("nonsense", http::Access::visitor), 401);
  shared.is_current = false;
  EXPECT_EQ(admit(token(role_user), http::Access::visitor), 503) << "then he is nobody, to the router";
  EXPECT_TRUE(auth.traces.empty());
}

TEST_F(GuardTest, RefusesWhereNobodyCanSayWhetherTheSessionHasEnded) {
  auto const good = token();
  EXPECT_EQ(admit(good), 200);
  shared.is_current = false;
  auth.is_away = true;
  EXPECT_EQ(admit(good), 503);
  EXPECT_EQ(admit("no token"), 401);
}

TEST_F(GuardTest, KeepsWhatIsForServicesFromUsers) {
  EXPECT_EQ(admit(token(role_admin), http::Access::service), 401);
  EXPECT_EQ(admit("", http::Access::service), 401);
}

TEST_F(GuardTest, AdmitsAServiceWithItsTokenAndNowhereElse) {
  auto const of_service = service_tokens.make();
  EXPECT_EQ(admit_service(of_service), 200);
  EXPECT_EQ(admit(of_service), 401) << "a service is no user";
  contracts::ServiceTokens const of_others("another service key, as long as the first", clock);
  EXPECT_EQ(admit_service(of_others.make()), 401);
  clock.advance(std::chrono::minutes(3));
  EXPECT_EQ(admit_service(of_service), 401) << "it is good for two minutes";
}

TEST_F(GuardTest, HasRoomForMoreTokensThanItRemembers) {
  for (int i = 0; i < 10'050; ++i) {
    session = Uuid::make(clock.now());
    ASSERT_EQ(admit(token()), 200);
  }
}

}  // namespace
}  // namespace balcao::access::test

#include "access/guard.hpp"

#include "../platform/base/manual_clock.hpp"
#include "../platform/base/tasks.hpp"

namespace balcao::access::test {
namespace {

using balcao::test::ManualClock;

class GuardTest : public balcao::test::LoopsTest {
 protected:
  std::string token(std::string_view role = role_user) {
    jwt::Claims claims;
    claims.iss = claims.aud = "balcao";
    claims.sub = user.str();
    claims.sid = session.str();
    claims.role = role;
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
    if (admitted) EXPECT_EQ(admitted->user, user);
    return admitted ? 200 : admitted.error().status();
  }

  ManualClock clock;
  Uuid user = Uuid::make(clock.now());
  Uuid session = Uuid::make(clock.now());
  jwt::Key key = jwt::Key::hs256("a secret of at least thirty-two bytes");
  jwt::Verifier verifier{{key}, "balcao", "balcao"};
  Revocations revocations;
  Guard guard{verifier, revocations, clock, 1};
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

TEST_F(GuardTest, KeepsTheRoleOfATokenApartFromWhatAnEndpointWants) {
  auto const of_user = token(role_user);
  auto const of_admin = token(role_admin);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(admit(of_user, http::Access::administrator), 403);
    EXPECT_EQ(admit(of_admin, http::Access::administrator), 200);
  }
}

TEST_F(GuardTest, HasRoomForMoreTokensThanItRemembers) {
  for (int i = 0; i < 10'050; ++i) {
    session = Uuid::make(clock.now());
    ASSERT_EQ(admit(token()), 200);
  }
}

}  // namespace
}  // namespace balcao::access::test

#include "payments/inbox/signature.hpp"

#include <gtest/gtest.h>

#include "platform/crypto/hash.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;

std::string const body = R"({"id":"evt_1"})";
std::vector<std::string> const secrets{"whsec_of_yesterday", "whsec_of_today"};
Time const now{1'700'000'000s};

std::string v1(std::string const& secret, std::string const& at = "1700000000", std::string const& text = body) {
  return "v1=" + crypto::to_hex(crypto::hmac_sha256(secret, at + "." + text));
}

std::string header(std::string const& at, std::string const& secret = "whsec_of_today") {
  return "t=" + at + "," + v1(secret, at);
}

TEST(Signature, IsGoodWithAnyOfTheSecrets) {
  for (auto const& secret : secrets) EXPECT_TRUE(is_signed(header("1700000000", secret), body, secrets, now));
  EXPECT_FALSE(is_signed(header("1700000000", "whsec_of_another"), body, secrets, now));
  EXPECT_FALSE(is_signed(header("1700000000"), body, {}, now));
}

TEST(Signature, IsGoodForFiveMinutesOnEitherSide) {
  EXPECT_TRUE(is_signed(header("1699999700"), body, secrets, now));
  EXPECT_TRUE(is_signed(header("1700000300"), body, secrets, now));
  EXPECT_FALSE(is_signed(header("1699999699"), body, secrets, now));
  EXPECT_FALSE(is_signed(header("1700000301"), body, secrets, now));
}

TEST(Signature, IsOverTheBytesAndTheTime) {
  EXPECT_FALSE(is_signed(header("1700000000"), body + " ", secrets, now));
  EXPECT_FALSE(is_signed("t=1700000001," + v1("whsec_of_today"), body, secrets, now));
}

TEST(Signature, IsFoundAmongOthers) {
  auto const good = v1("whsec_of_today");
  EXPECT_TRUE(is_signed("t=1700000000," + v1("whsec_of_another") + "," + good, body, secrets, now));
  EXPECT_TRUE(is_signed("t=1700000000,v0=00,x=y," + good, body, secrets, now));
  std::string many = "t=1700000000";
  for (int i = 0; i < 8; ++i) many += "," + v1("whsec_of_another");
  EXPECT_FALSE(is_signed(many + "," + good, body, secrets, now)) << "nobody sends so many";
}

TEST(Signature, IsNothingElse) {
  auto const good = v1("whsec_of_today");
  std::vector<std::string> const bad_ones{"",
                                          ",",
                                          "t=",
                                          "t=1700000000",
                                          good,
                                          "t=x," + good,
                                          "t=-1," + good,
                                          "t=1700000000x," + good,
                                          "t= 1700000000," + good,
                                          "t=99999999999999999999," + good,
                                          "t=9223372036854775807," + good,
                                          "t=1700000000,v1=",
                                          "t=1700000000,v1=zz",
                                          "t=1700000000," + good.substr(0, good.size() - 2),
                                          "t=1700000000," + good + "00",
                                          "t=1700000000,v0=" + good.substr(3)};
  for (auto const& bad : bad_ones) {
    EXPECT_FALSE(is_signed(bad, body, secrets, now)) << bad;
  }
}

}  // namespace
}  // namespace balcao::payments

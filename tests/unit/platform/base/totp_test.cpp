#include "platform/crypto/totp.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace balcao::crypto::totp {
namespace {

/// The secret of the examples in RFC 4226 and, for SHA-1, in RFC 6238.
constexpr std::string_view secret = "12345678901234567890";

Time at(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

TEST(Totp, GivesTheCodesOfRfc4226) {
  std::vector<std::string_view> const codes{"755224", "287082", "359152", "969429", "338314",
                                            "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t step = 0; step < codes.size(); ++step) {
    EXPECT_EQ(code_at(secret, static_cast<Step>(step)), codes[step]);
  }
}

TEST(Totp, TakesTheCodesOfRfc6238AtTheirTimes) {
  // Appendix B has eight digits; six are the last six of them.
  std::vector<std::pair<std::int64_t, std::string_view>> const examples{
      {59, "94287082"},
      {1'111'111'109, "07081804"},
      {1'111'111'111, "14050471"},
      {1'234'567'890, "89005924"},
      {2'000'000'000, "69279037"},
      {20'000'000'000, "65353130"},
  };
  for (auto const& [seconds, code] : examples) {
    EXPECT_EQ(verify(secret, code.substr(2), at(seconds), std::nullopt), seconds / 30) << seconds;
  }
}

TEST(Totp, TakesTheStepBeforeAndTheStepAfterAndNoOther) {
  Step const step = 37'037'036;
  std::string const code = code_at(secret, step);
  Time const begin = at(step * 30);
  auto const least = Time::duration(1);
  for (Time const now :
       {begin - std::chrono::seconds(30), begin - least, begin, begin + std::chrono::seconds(60) - least}) {
    EXPECT_EQ(verify(secret, code, now, std::nullopt), step);
  }
  for (Time const now : {begin - std::chrono::seconds(30) - least, begin + std::chrono::seconds(60)}) {
    EXPECT_FALSE(verify(secret, code, now, std::nullopt));
  }
}

TEST(Totp, TakesNoCodeTwiceAndNoneOlderThanTheLast) {
  Step const step = 1'000;
  Time const now = at(step * 30);
  auto const accepted = verify(secret, code_at(secret, step), now, step - 1);
  ASSERT_EQ(accepted, step);
  EXPECT_FALSE(verify(secret, code_at(secret, step), now, accepted));
  EXPECT_FALSE(verify(secret, code_at(secret, step - 1), now, accepted));
  EXPECT_EQ(verify(secret, code_at(secret, step + 1), now, accepted), step + 1);
}

TEST(Totp, TakesNothingButItsSixDigits) {
  Time const now = at(59);
  for (auto const* code : {"", "287083", "28708", "2870820", " 287082", "287082\n", "94287082", "287O82"}) {
    EXPECT_FALSE(verify(secret, code, now, std::nullopt)) << code;
  }
  EXPECT_FALSE(verify("another secret", "287082", now, std::nullopt));
}

TEST(OtpauthUri, IsWhatAuthenticatorAppsRead) {
  EXPECT_EQ(otpauth_uri("Balcao", "ana@example.com", secret),
            "otpauth://totp/Balcao:ana%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Balcao"
            "&algorithm=SHA1&digits=6&period=30");
}

TEST(OtpauthUri, EncodesWhatWouldEndItsParts) {
  EXPECT_EQ(otpauth_uri("Balcão & Co", "a:b?c#d/e+f%g", "foo"),
            "otpauth://totp/Balc%C3%A3o%20%26%20Co:a%3Ab%3Fc%23d%2Fe%2Bf%25g?secret=MZXW6"
            "&issuer=Balc%C3%A3o%20%26%20Co&algorithm=SHA1&digits=6&period=30");
  EXPECT_THROW(otpauth_uri("Balcao: shop", "ana", "foo"), std::invalid_argument);
}

}  // namespace
}  // namespace balcao::crypto::totp

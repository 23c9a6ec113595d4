#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <ostream>
#include <random>

#include "forged_tokens.hpp"

namespace balcao::jwt {
namespace {

using crypto::from_base64url;
using crypto::to_base64url;

struct Attack {
  std::string name;
  std::string token;
  Fault fault;
};

std::string with_header(std::string_view member) {
  return forge(replaced(good_header, "}", "," + std::string(member) + "}"), good_payload);
}

std::string with_claim(std::string_view from, std::string_view to) {
  return forge(good_header, replaced(good_payload, from, to));
}

std::vector<Attack> attacks_on_the_key() {
  auto const x = from_base64url(rfc8037_x).value();
  auto const jwk = rfc8037_key().public_jwk();
  std::string const point = from_base64url(rfc7515_x).value() + from_base64url(rfc7515_y).value();
  auto const header = [](std::string_view text, std::string_view key = secret) {
    return forge(text, good_payload, key);
  };
  std::string const unsigned_text = to_base64url(R"({"alg":"none","typ":"at+jwt"})") + "." + to_base64url(good_payload);
  std::string const signed_elsewhere = Signer(Key::generate_ed25519()).sign(good_claims());
  return {
      {"alg none, no signature", unsigned_text + ".", Fault::wrong_key},
      {"alg none, signed", header(R"({"alg":"none","typ":"at+jwt"})"), Fault::wrong_key},
      {"alg None", header(R"({"alg":"None","typ":"at+jwt"})"), Fault::wrong_key},
      {"alg hs256", header(R"({"alg":"hs256","typ":"at+jwt"})"), Fault::wrong_key},
      {"alg HS384", header(R"({"alg":"HS384","typ":"at+jwt"})"), Fault::wrong_key},
      {"alg RS256", header(R"({"alg":"RS256","typ":"at+jwt"})"), Fault::wrong_key},
      {"alg EdDSA without a kid", header(R"({"alg":"EdDSA","typ":"at+jwt"})"), Fault::wrong_key},
      {"HMAC with the public key's bytes", header(R"({"alg":"HS256","typ":"at+jwt","kid":"k1"})", x), Fault::wrong_key},
      {"HMAC with the public key's text", header(R"({"alg":"HS256","typ":"at+jwt","kid":"k1"})", rfc8037_x),
       Fault::wrong_key},
      {"HMAC with the public point", header(R"({"alg":"HS256","typ":"at+jwt","kid":"p1"})", point), Fault::wrong_key},
      {"HMAC named ES256", header(R"({"alg":"ES256","typ":"at+jwt","kid":"p1"})"), Fault::wrong_signature},
      {"Ed25519 under the kid of P-256", Signer(rfc8037_key("p1")).sign(good_claims()), Fault::wrong_key},
      {"P-256 under the kid of Ed25519", Signer(rfc7515_key("k1")).sign(good_claims()), Fault::wrong_key},
      {"HMAC with the JWK", header(R"({"alg":"HS256","typ":"at+jwt"})", jwk), Fault::wrong_signature},
      {"HMAC named EdDSA", header(R"({"alg":"EdDSA","typ":"at+jwt","kid":"k1"})"), Fault::wrong_signature},
      {"alg missing", header(R"({"typ":"at+jwt"})"), Fault::malformed},
      {"alg a number", header(R"({"alg":256,"typ":"at+jwt"})"), Fault::malformed},
      {"alg null", header(R"({"alg":null,"typ":"at+jwt"})"), Fault::malformed},
      {"alg twice", header(R"({"alg":"none","typ":"at+jwt","alg":"HS256"})"), Fault::malformed},
      {"alg twice, once escaped", header(R"({"alg":"HS256","typ":"at+jwt","\u0061lg":"none"})"), Fault::malformed},
      {"kid a number", with_header(R"("kid":1)"), Fault::malformed},
      {"jwk", with_header(R"("jwk":)" + jwk), Fault::malformed},
      {"jku", with_header(R"("jku":"https://evil.example/jwks.json")"), Fault::malformed},
      {"x5u", with_header(R"("x5u":"https://evil.example/cert.pem")"), Fault::malformed},
      {"x5c", with_header(R"("x5c":["MIIB"])"), Fault::malformed},
      {"crit", with_header(R"("crit":["exp"],"exp":1)"), Fault::malformed},
      {"b64 false", with_header(R"("crit":["b64"],"b64":false)"), Fault::malformed},
      {"typ missing", header(R"({"alg":"HS256"})"), Fault::malformed},
      {"typ JWT", header(R"({"alg":"HS256","typ":"JWT"})"), Fault::malformed},
      {"typ a list", header(R"({"alg":"HS256","typ":["at+jwt"]})"), Fault::malformed},
      {"an unknown kid", signed_elsewhere, Fault::wrong_key},
      {"another secret", forge(good_header, good_payload, other_secret), Fault::wrong_signature},
      {"an empty secret", forge(good_header, good_payload, ""), Fault::wrong_signature},
  };
}

std::vector<Attack> attacks_on_the_shape() {
  std::string const good = forge(good_header, good_payload);
  std::string const head = good.substr(0, good.find('.'));
  std::string const body = good.substr(head.size() + 1, good.rfind('.') - head.size() - 1);
  std::string const tail = good.substr(good.rfind('.') + 1);
  std::string spare = good;
  spare.back() = static_cast<char>(spare.back() + 1);  // the last of 43 characters carries two bits that must be zero
  return {
      {"empty", "", Fault::malformed},
      {"dots only", "..", Fault::malformed},
      {"one part", head, Fault::malformed},
      {"two parts", head + "." + body, Fault::malformed},
      {"four parts", good + "." + tail, Fault::malformed},
      {"a dot at the end", good + ".", Fault::malformed},
      {"five parts (JWE)", good + "." + tail + "." + tail, Fault::malformed},
      {"no header", "." + body + "." + tail, Fault::malformed},
      {"no payload", head + ".." + tail, Fault::wrong_signature},
      {"no signature", head + "." + body + ".", Fault::wrong_signature},
      {"a signature cut short", good.substr(0, good.size() - 3), Fault::wrong_signature},
      {"padding", good + "=", Fault::malformed},
      {"padding inside", head + "==." + body + "." + tail, Fault::malformed},
      {"spare bits", spare, Fault::malformed},
      {"space before", " " + good, Fault::malformed},
      {"newline behind", good + "\n", Fault::malformed},
      {"NUL behind", good + std::string(1, '\0'), Fault::malformed},
      {"plain base64", replaced(good, ".", "+."), Fault::malformed},
      {"slash", replaced(good, ".", "/."), Fault::malformed},
      {"UTF-8", replaced(good, ".", "é."), Fault::malformed},
      {"percent", replaced(good, ".", "%2E"), Fault::malformed},
      {"Bearer", "Bearer " + good, Fault::malformed},
      {"over 8 KiB", with_header(R"("pad":")" + std::string(8192, 'x') + "\""), Fault::malformed},
      {"huge", std::string(10'000'000, 'A'), Fault::malformed},
      {"huge dots", std::string(10'000'000, '.'), Fault::malformed},
      {"a header that is no JSON", forge("alg=HS256", good_payload), Fault::malformed},
      {"a header that is a list", forge(R"(["HS256"])", good_payload), Fault::malformed},
      {"a header nested deeply", with_header(R"("x":)" + std::string(1000, '[') + std::string(1000, ']')),
       Fault::malformed},
      {"a header in Latin-1", with_header("\"x\":\"\xe9\""), Fault::malformed},
      {"a byte order mark", forge("\xef\xbb\xbf" + std::string(good_header), good_payload), Fault::malformed},
  };
}

std::vector<Attack> attacks_on_the_claims() {
  return {
      {"no JSON", forge(good_header, "hello"), Fault::malformed},
      {"a list", forge(good_header, "[]"), Fault::malformed},
      {"something behind", forge(good_header, std::string(good_payload) + "{}"), Fault::malformed},
      {"sub twice", with_claim(R"("aud")", R"("sub":"u2","aud")"), Fault::malformed},
      {"exp twice", with_claim(R"("exp")", R"("exp":9999999999,"exp")"), Fault::malformed},
      {"role twice, once escaped", with_claim(R"("exp")", R"("r\u006fle":"admin","exp")"), Fault::malformed},
      {"a duplicate further in", with_claim("{", R"({"x":{"y":1,"y":2},)"), Fault::malformed},
      {"no claims", forge(good_header, "{}"), Fault::wrong_claims},
      {"no exp", with_claim(R"(,"exp":1795500147)", ""), Fault::wrong_claims},
      {"no iat", with_claim(R"("iat":1795499247,)", ""), Fault::wrong_claims},
      {"no sub", with_claim(R"("sub":"u1",)", ""), Fault::wrong_claims},
      {"no sid", with_claim(R"("sid":"s1",)", ""), Fault::wrong_claims},
      {"no role", with_claim(R"("role":"user",)", ""), Fault::wrong_claims},
      {"exp as text", with_claim("1795500147", R"("1795500147")"), Fault::wrong_claims},
      {"exp with a fraction", with_claim("1795500147", "1795500147.0"), Fault::wrong_claims},
      {"exp with an exponent", with_claim("1795500147", "9e99"), Fault::wrong_claims},
      {"exp beyond 64 bits", with_claim("1795500147", "18446744073709551615"), Fault::wrong_claims},
      {"exp null", with_claim("1795500147", "null"), Fault::wrong_claims},
      {"iat as text", with_claim("1795499247", R"("1795499247")"), Fault::wrong_claims},
      {"nbf as text", with_claim("{", R"({"nbf":"0",)"), Fault::wrong_claims},
      {"sub a number", with_claim(R"("u1")", "1"), Fault::wrong_claims},
      {"another iss", with_claim("https://balcao", "https://evil"), Fault::wrong_claims},
      {"a longer iss", with_claim("https://balcao", "https://balcao.evil"), Fault::wrong_claims},
      {"another aud", with_claim(R"("aud":"balcao")", R"("aud":"other")"), Fault::wrong_claims},
      {"a list of aud", with_claim(R"("aud":"balcao")", R"("aud":["balcao","other"])"), Fault::wrong_claims},
      {"expired", with_claim("1795500147", "1795499256"), Fault::expired},
      {"expired long ago", with_claim("1795500147", "-1"), Fault::expired},
      {"issued in the future", with_claim("1795499247", "1795499999"), Fault::wrong_claims},
      {"not yet begun", with_claim("{", R"({"nbf":1795499999,)"), Fault::wrong_claims},
  };
}

class Attacks : public testing::TestWithParam<Attack> {};

TEST_P(Attacks, AreRefused) {
  auto const verifier = verifier_of({rfc8037_key(), rfc7515_key(), Key::hs256(secret)});
  ASSERT_TRUE(verifier.verify(forge(good_header, good_payload), now));
  auto const claims = verifier.verify(GetParam().token, now);
  ASSERT_FALSE(claims);
  EXPECT_EQ(claims.error(), GetParam().fault);
}

auto name_of_case(testing::TestParamInfo<Attack> const& info) {
  std::string name = std::to_string(info.index) + "_" + info.param.name;
  std::ranges::replace_if(name, [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

void PrintTo(Attack const& attack, std::ostream* out) { *out << attack.name; }

INSTANTIATE_TEST_SUITE_P(Key, Attacks, testing::ValuesIn(attacks_on_the_key()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Shape, Attacks, testing::ValuesIn(attacks_on_the_shape()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Claims, Attacks, testing::ValuesIn(attacks_on_the_claims()), name_of_case);

TEST(Verifier, RefusesATokenWithAnyCharacterChanged) {
  for (auto const& key : {Key::hs256(secret), rfc8037_key(), rfc7515_key()}) {
    auto const verifier = verifier_of({key});
    std::string const good = Signer(key).sign(good_claims());
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (char const other : {'A', 'z', '.', '='}) {
        if (good[i] == other) continue;
        std::string token = good;
        token[i] = other;
        EXPECT_FALSE(verifier.verify(token, now)) << "character " << i << " as " << other;
      }
    }
  }
}

TEST(Verifier, NeverThrowsForWhatATokenContains) {
  auto const verifier = verifier_of({rfc8037_key(), Key::hs256(secret)});
  std::mt19937 random(20261124);
  std::string const good = forge(good_header, good_payload);
  for (int round = 0; round < 20'000; ++round) {
    std::string header(good_header);
    std::string payload(good_payload);
    for (auto* text : {&header, &payload}) {
      for (auto changes = random() % 3; changes > 0; --changes)
        (*text)[random() % text->size()] = static_cast<char>(random());
    }
    EXPECT_NO_THROW((void)verifier.verify(forge(header, payload), now));
    std::string token = good;
    token[random() % token.size()] = static_cast<char>(random());
    EXPECT_NO_THROW((void)verifier.verify(token.substr(0, random() % (token.size() + 1)), now));
  }
}

}  // namespace
}  // namespace balcao::jwt

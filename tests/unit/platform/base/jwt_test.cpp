#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <limits>
#include <memory>
#include <optional>

#include "forged_tokens.hpp"
#include "platform/json/parse.hpp"

namespace balcao::jwt {
namespace {

using crypto::from_base64url;
using crypto::to_base64url;

/// OpenSSL's word on a signature, without any of our code.
bool openssl_verifies(std::string_view public_key, std::string_view text, std::string_view signature) {
  auto const bytes = [](std::string_view s) { return reinterpret_cast<unsigned char const*>(s.data()); };
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(public_key), public_key.size()), EVP_PKEY_free);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

void expect_same(Claims const& a, Claims const& b) {
  EXPECT_EQ(a.iss, b.iss);
  EXPECT_EQ(a.sub, b.sub);
  EXPECT_EQ(a.aud, b.aud);
  EXPECT_EQ(a.jti, b.jti);
  EXPECT_EQ(a.sid, b.sid);
  EXPECT_EQ(a.client_id, b.client_id);
  EXPECT_EQ(a.scope, b.scope);
  EXPECT_EQ(a.role, b.role);
  EXPECT_EQ(a.iat, b.iat);
  EXPECT_EQ(a.exp, b.exp);
}

TEST(Verifier, RefusesATokenOfMoreThan8KiB) {
  auto const key = Key::hs256(secret);
  auto claims = good_claims();
  claims.client_id = std::string(5000, 'x');
  EXPECT_TRUE(verifier_of({key}).verify(Signer(key).sign(claims), now));
  claims.client_id = std::string(7000, 'x');
  EXPECT_FALSE(verifier_of({key}).verify(Signer(key).sign(claims), now));
}

TEST(Signer, MakesTokensThatTheVerifierAccepts) {
  for (auto const& key : {Key::hs256(secret), Key::generate_ed25519(), Key::generate_es256()}) {
    auto const claims = verifier_of({key}).verify(Signer(key).sign(good_claims()), now);
    ASSERT_TRUE(claims);
    expect_same(*claims, good_claims());
  }
}

TEST(Signer, WritesTheHeaderAndClaimsOfRfc9068) {
  std::string const token = Signer(Key::hs256(secret)).sign(good_claims());
  EXPECT_EQ(token, forge(good_header, good_payload));
}

TEST(Signer, KeepsClaimsThatNeedEscapes) {
  auto claims = good_claims();
  claims.sub = "a \"quoted\" \\ name\n with ção and \x01";
  claims.scope = "";
  auto const key = Key::hs256(secret);
  auto const read = verifier_of({key}).verify(Signer(key).sign(claims), now);
  ASSERT_TRUE(read);
  expect_same(*read, claims);
}

TEST(Signer, SignsAsRfc8037) {
  auto const x = from_base64url(rfc8037_x).value();
  std::string const text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  auto const signature =
      from_base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg").value();
  ASSERT_TRUE(openssl_verifies(x, text, signature));  // appendix A.4: the yardstick is right

  std::string const token = Signer(rfc8037_key()).sign(good_claims());
  auto const dot = token.rfind('.');
  EXPECT_TRUE(openssl_verifies(x, token.substr(0, dot), from_base64url(token.substr(dot + 1)).value()));
}

TEST(Key, ShowsItsPublicHalfOnly) {
  auto const jwk = json::parse(rfc8037_key("k\"1").public_jwk());
  ASSERT_TRUE(jwk);
  auto const& members = jwk->as_object();
  EXPECT_EQ(members.size(), 6U);
  EXPECT_EQ(members.at("kty").as_string(), "OKP");
  EXPECT_EQ(members.at("crv").as_string(), "Ed25519");
  EXPECT_EQ(members.at("x").as_string(), rfc8037_x);
  EXPECT_EQ(members.at("kid").as_string(), "k\"1");
  EXPECT_EQ(members.at("alg").as_string(), "EdDSA");
  EXPECT_EQ(members.at("use").as_string(), "sig");
  EXPECT_EQ(Key::hs256(secret).public_jwk(), "");
}

TEST(Key, IsMadeAgainFromItsStoredParts) {
  auto const made = Key::generate_ed25519();
  auto const again = Key::ed25519(made.kid(), made.private_bytes());
  EXPECT_EQ(made.public_jwk(), again.public_jwk());
  EXPECT_NE(made.kid(), Key::generate_ed25519().kid());
  EXPECT_TRUE(verifier_of({made}).verify(Signer(again).sign(good_claims()), now));
}

TEST(Key, RefusesWhatIsNone) {
  EXPECT_THROW(Key::ed25519("k1", std::string(31, 'x')), std::invalid_argument);
  EXPECT_THROW(Key::ed25519("k1", std::string(64, 'x')), std::invalid_argument);
  EXPECT_THROW(Key::ed25519("", std::string(32, 'x')), std::invalid_argument);
  EXPECT_THROW(Key::hs256(""), std::invalid_argument);
}

TEST(Verifier, RefusesKeysThatATokenCouldNotTellApart) {
  EXPECT_THROW(verifier_of({Key::hs256(secret), Key::hs256(other_secret)}), std::invalid_argument);
  EXPECT_THROW(verifier_of({rfc8037_key("k1"), rfc8037_key("k1")}), std::invalid_argument);
}

TEST(Verifier, AcceptsTokensOfOtherLibrariesThatKeepTheRules) {
  auto const verifier = verifier_of({rfc8037_key(), Key::hs256(secret)});
  for (std::string_view const header : {
           R"({"alg":"HS256","typ":"at+jwt"})",
           R"({"typ":"at+jwt","alg":"HS256"})",
           R"({ "alg" : "HS256", "typ" : "application/at+jwt" })",
           R"({"alg":"HS256","typ":"at+jwt","kid":"theirs"})",
           R"({"alg":"HS256","typ":"at+jwt","kid":""})",
           R"({"alg":"HS256","typ":"at+jwt","unknown":{"nested":[1]}})",
       }) {
    EXPECT_TRUE(verifier.verify(forge(header, good_payload), now)) << header;
  }
  auto const more = replaced(good_payload, "{", R"({"nbf":1795499257,"extra":[{"a":1}],)");
  EXPECT_TRUE(verifier.verify(forge(good_header, more), now));
}

TEST(Verifier, PicksTheKeyByItsKid) {
  auto const first = Key::generate_ed25519();
  auto const second = Key::generate_ed25519();
  auto const third = Key::generate_es256();
  auto const verifier = verifier_of({first, second, third, Key::hs256(secret)});
  for (auto const& key : {first, second, third, Key::hs256(secret)}) {
    EXPECT_TRUE(verifier.verify(Signer(key).sign(good_claims()), now));
  }
  auto const stranger = verifier.verify(Signer(Key::generate_ed25519()).sign(good_claims()), now);
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error(), Fault::wrong_key);
  auto const impostor = verifier.verify(Signer(rfc8037_key(first.kid())).sign(good_claims()), now);
  ASSERT_FALSE(impostor);
  EXPECT_EQ(impostor.error(), Fault::wrong_signature);
}

TEST(Verifier, JudgesTimesToTheSecond) {
  auto const verifier = verifier_of({Key::hs256(secret)});
  std::int64_t const present = issued + 10;
  auto const verdict = [&](std::int64_t iat, std::int64_t exp, std::string const& nbf = "") {
    auto payload = replaced(good_payload, "1795499247", std::to_string(iat));
    payload = replaced(payload, "1795500147", std::to_string(exp) + nbf);
    auto const claims = verifier.verify(forge(good_header, payload), now + std::chrono::milliseconds{999});
    return claims ? std::optional<Fault>() : std::optional(claims.error());
  };
  EXPECT_EQ(verdict(issued, present + 1), std::nullopt);
  EXPECT_EQ(verdict(issued, present), Fault::expired);
  EXPECT_EQ(verdict(issued, present - 1), Fault::expired);
  EXPECT_EQ(verdict(present + 60, present + 900), std::nullopt);
  EXPECT_EQ(verdict(present + 61, present + 900), Fault::wrong_claims);
  EXPECT_EQ(verdict(issued, present + 900, ",\"nbf\":" + std::to_string(present)), std::nullopt);
  EXPECT_EQ(verdict(issued, present + 900, ",\"nbf\":" + std::to_string(present + 1)), Fault::wrong_claims);
  EXPECT_EQ(verdict(issued, std::numeric_limits<std::int64_t>::max()), std::nullopt);
  EXPECT_EQ(verdict(issued, std::numeric_limits<std::int64_t>::min()), Fault::expired);
  EXPECT_EQ(verdict(std::numeric_limits<std::int64_t>::min(), present + 1), std::nullopt);
}

}  // namespace
}  // namespace balcao::jwt

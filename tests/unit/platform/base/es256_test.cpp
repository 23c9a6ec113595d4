#include <gtest/gtest.h>

#include "forged_tokens.hpp"
#include "platform/json/parse.hpp"

namespace balcao::jwt {
namespace {

using crypto::from_base64url;

// RFC 7515, appendix A.3.1.
constexpr std::string_view rfc7515_text =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";
constexpr std::string_view rfc7515_signature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
// The order of P-256's group (SEC 2 §2.4.2).
constexpr std::string_view order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

std::string from_hex(std::string_view text) { return crypto::from_hex(text).value(); }

Key public_half() {
  return Key::es256_public("p1", from_base64url(rfc7515_x).value(), from_base64url(rfc7515_y).value());
}

TEST(Es256, VerifiesTheSignatureOfRfc7515) {
  auto const signature = from_base64url(rfc7515_signature).value();
  for (auto const& key : {rfc7515_key(), public_half()}) {
    EXPECT_TRUE(key.verify(rfc7515_text, signature));
    EXPECT_FALSE(key.verify(std::string(rfc7515_text) + "x", signature));
  }
}

TEST(Es256, MakesRAndSOneAfterTheOther) {
  // A number in a hundred or so begins with a zero byte, which DER leaves out.
  auto const key = Key::generate_es256();
  for (int i = 0; i < 1000; ++i) {
    auto const text = "text " + std::to_string(i);
    auto const signature = key.sign(text);
    ASSERT_EQ(signature.size(), 64U);
    ASSERT_TRUE(key.verify(text, signature));
  }
}

TEST(Es256, ShowsItsPublicHalfOnly) {
  auto const jwk = json::parse(rfc7515_key().public_jwk());
  ASSERT_TRUE(jwk);
  auto const& members = jwk->as_object();
  EXPECT_EQ(members.size(), 7U);
  EXPECT_EQ(members.at("kty").as_string(), "EC");
  EXPECT_EQ(members.at("crv").as_string(), "P-256");
  EXPECT_EQ(members.at("x").as_string(), rfc7515_x);
  EXPECT_EQ(members.at("y").as_string(), rfc7515_y);
  EXPECT_EQ(members.at("kid").as_string(), "p1");
  EXPECT_EQ(members.at("alg").as_string(), "ES256");
  EXPECT_EQ(members.at("use").as_string(), "sig");
  EXPECT_THROW(public_half().sign("text"), std::logic_error);
}

TEST(Es256, IsMadeAgainFromItsStoredParts) {
  auto const made = Key::generate_es256();
  auto const again = Key::from_private(Key::Algorithm::es256, made.kid(), made.private_bytes());
  EXPECT_EQ(made, again);
  EXPECT_TRUE(verifier_of({made}).verify(Signer(again).sign(good_claims()), now));
}

TEST(Es256, RefusesWhatIsNoKey) {
  auto const x = from_base64url(rfc7515_x).value();
  auto const y = from_base64url(rfc7515_y).value();
  for (auto const& d : {std::string(), std::string(31, 'x'), std::string(33, 'x'), std::string(32, '\0'),
                        from_hex(order), std::string(32, '\xff')}) {
    EXPECT_THROW(Key::es256("p1", d), std::invalid_argument);
  }
  EXPECT_THROW(Key::es256("", from_base64url(rfc7515_d).value()), std::invalid_argument);
  EXPECT_THROW(Key::es256_public("p1", x, y.substr(1)), std::invalid_argument);
  EXPECT_THROW(Key::es256_public("p1", y, x), std::invalid_argument) << "a point that is not on the curve";
  EXPECT_THROW(Key::es256_public("p1", std::string(32, '\0'), std::string(32, '\0')), std::invalid_argument);
  EXPECT_THROW(Key::es256_public("", x, y), std::invalid_argument);
}

TEST(Es256, RefusesSignaturesThatAreNone) {
  auto const key = rfc7515_key();
  auto const good = from_base64url(rfc7515_signature).value();
  auto const r = good.substr(0, 32);
  auto const s = good.substr(32);
  std::string const zero(32, '\0');
  std::string const der = std::string("\x30\x45\x02\x20") + r + std::string("\x02\x21\0", 3) + s;
  for (auto const& [what, signature] : std::vector<std::pair<std::string, std::string>>{
           {"nothing", ""},
           {"r and s zero (CVE-2022-21449)", zero + zero},
           {"r zero", zero + s},
           {"s zero", r + zero},
           {"r the order", from_hex(order) + s},
           {"s the order", r + from_hex(order)},
           {"r too large", std::string(32, '\xff') + s},
           {"swapped", s + r},
           {"DER", der},
           {"a byte short", good.substr(1)},
           {"a byte more", good + '\0'},
           {"a byte before", '\0' + good},
           {"of the size of P-384", good + zero},
           {"half", r},
       }) {
    EXPECT_FALSE(key.verify(rfc7515_text, signature)) << what;
  }
}

TEST(JwkSet, CarriesBothKindsOfKey) {
  std::vector<Key> const keys{rfc8037_key(), rfc7515_key(), Key::hs256(secret)};
  auto const read = parse_jwk_set(to_jwk_set(keys));
  ASSERT_EQ(read.size(), 2U);
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i], keys[i]);
    EXPECT_TRUE(read[i].private_bytes().empty());
    EXPECT_TRUE(verifier_of(read).verify(Signer(keys[i]).sign(good_claims()), now));
  }
}

TEST(JwkSet, LeavesOutWhatItCannotUse) {
  auto const es256 = rfc7515_key().public_jwk();
  for (auto const& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {R"("kty":"EC")", R"("kty":"OKP")"},
           {R"("crv":"P-256")", R"("crv":"P-384")"},
           {R"("crv":"P-256")", R"("crv":"secp256k1")"},
           {R"("alg":"ES256")", R"("alg":"HS256")"},
           {R"("alg":"ES256")", R"("alg":7)"},
           {R"("use":"sig")", R"("use":"enc")"},
           {R"("kid":"p1")", R"("kid":"")"},
           {R"("kid":"p1")", R"("kid":1)"},
           {std::string(rfc7515_y), std::string(rfc7515_x)},
           {std::string(rfc7515_y), "AA"},
           {std::string(rfc7515_x), "not base64url!"},
       }) {
    auto const jwk = replaced(es256, from, to);
    EXPECT_TRUE(parse_jwk_set(R"({"keys":[)" + jwk + "]}").empty()) << jwk;
  }
  EXPECT_EQ(parse_jwk_set(R"({"keys":[1,{},{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"r"},)" + es256 + "]}").size(), 1U);
  EXPECT_THROW(parse_jwk_set(es256), std::invalid_argument);
}

}  // namespace
}  // namespace balcao::jwt

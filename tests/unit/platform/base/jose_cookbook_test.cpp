// The examples of RFC 7520, which are outside data: they are read where the folder is there.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "forged_tokens.hpp"
#include "platform/json/parse.hpp"

namespace balcao::jwt {
namespace {

namespace fs = std::filesystem;

fs::path const cookbook = fs::path(BALCAO_SOURCE_DIR) / "../shared/vectors/jose-cookbook";

/// Skips where the examples are not there.
class JoseCookbook : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::is_directory(cookbook)) GTEST_SKIP() << "there is no " << cookbook.lexically_normal();
  }
};

std::vector<json::Value> read_examples(std::string const& folder) {
  std::vector<json::Value> examples;
  for (auto const& entry : fs::directory_iterator(cookbook / folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    auto example = json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    EXPECT_TRUE(example) << entry.path();
    if (example) examples.push_back(std::move(*example));
  }
  EXPECT_FALSE(examples.empty()) << folder;
  return examples;
}

struct Signed {
  std::string alg;
  json::Value key;
  std::string text;
  std::string signature;  ///< in base64url
};

/// One for each signature of an example.
std::vector<Signed> signatures_of(json::Value const& example) {
  auto const& input = example.at("input");
  auto const& signing = example.at("signing");
  auto const text = [](json::Value const& value) { return std::string(value.as_string()); };
  auto const one = [&](json::Value const& alg, json::Value const& key, json::Value const& part) {
    return Signed{text(alg), key, text(part.at("sig-input")), text(part.at("sig"))};
  };
  if (!signing.is_array()) return {one(input.at("alg"), input.at("key"), signing)};
  std::vector<Signed> all;
  for (std::size_t i = 0; i < signing.as_array().size(); ++i) {
    all.push_back(one(input.at("alg").at(i), input.at("key").at(i), signing.at(i)));
  }
  return all;
}

TEST_F(JoseCookbook, SignaturesVerifyWithTheAlgorithmsThatAreOursAndAllElseIsRefused) {
  auto const examples = read_examples("jws");
  int verified = 0;
  int refused = 0;
  for (auto const& example : examples) {
    auto const title = std::string(example.at("title").as_string());
    for (auto const& [alg, jwk, text, encoded] : signatures_of(example)) {
      auto const signature = crypto::from_base64url(encoded);
      ASSERT_TRUE(signature) << title;
      auto key = Key::hs256(secret);
      if (alg == "HS256") {
        key = Key::hs256(crypto::from_base64url(jwk.at("k").as_string()).value());
        EXPECT_TRUE(key.verify(text, *signature)) << title;
        EXPECT_FALSE(key.verify(text + "x", *signature)) << title;
        EXPECT_FALSE(key.verify(text, signature->substr(1))) << title;
        ++verified;
      } else {
        EXPECT_FALSE(parse_algorithm(alg)) << title << ": " << alg;
        EXPECT_TRUE(parse_jwk_set(R"({"keys":[)" + boost::json::serialize(jwk) + "]}").empty()) << title;
        ++refused;
      }
      // A good signature alone is not enough: none of them is an access token.
      auto const verifier = verifier_of({key, rfc8037_key(), rfc7515_key()});
      EXPECT_FALSE(verifier.verify(text + "." + encoded, now)) << title;
    }
    auto const* compact = example.at("output").as_object().if_contains("compact");
    if (compact) EXPECT_FALSE(verifier_of({Key::hs256(secret)}).verify(compact->as_string(), now)) << title;
  }
  std::cout << "JOSE cookbook (RFC 7520): " << verified << " signatures verified, " << refused
            << " of other algorithms refused, in " << examples.size() << " examples\n";
  EXPECT_GT(verified, 0);
}

TEST_F(JoseCookbook, TokensWithAnUnencodedPayloadAreRefused) {
  auto const examples = read_examples("rfc7797");
  for (auto const& example : examples) {
    for (auto const& [alg, jwk, text, encoded] : signatures_of(example)) {
      auto const key = Key::hs256(crypto::from_base64url(jwk.at("k").as_string()).value());
      EXPECT_FALSE(verifier_of({key}).verify(text + "." + encoded, now));
    }
  }
  std::cout << "JOSE cookbook (RFC 7797): " << examples.size() << " refused\n";
}

TEST_F(JoseCookbook, KeysThatAreNotOursAreLeftOut) {
  auto const examples = read_examples("jwk");
  for (auto const& jwk : examples) {
    EXPECT_TRUE(parse_jwk_set(R"({"keys":[)" + boost::json::serialize(jwk) + "]}").empty());
  }
  std::cout << "JOSE cookbook: " << examples.size() << " keys left out\n";
}

}  // namespace
}  // namespace balcao::jwt

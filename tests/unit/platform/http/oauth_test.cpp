#include "platform/http/oauth.hpp"

#include "calls.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/json/describe.hpp"

namespace balcao::http {
namespace {

using namespace test;
using oauth::Answer;
using oauth::Basic;
using oauth::Form;

struct Parameters {
  std::optional<std::string> token;
  std::optional<std::string> client_id;
  std::optional<std::string> client_secret;
};
BOOST_DESCRIBE_STRUCT(Parameters, (), (token, client_id, client_secret))

struct Shown {
  std::string id;
  std::string secret;
  std::optional<std::string> token;
};
BOOST_DESCRIBE_STRUCT(Shown, (), (id, secret, token))

struct Desk {};

/// Tells what it has understood.
Task<Answer<Ok<Shown>>> show(Desk&, Form<Parameters> form, Basic basic) {
  if (!form.parameters) co_return std::unexpected(form.parameters.error());
  auto const client = oauth::client_credentials(basic, form.parameters->client_id, form.parameters->client_secret);
  if (!client) co_return std::unexpected(client.error());
  co_return Ok<Shown>{{client->id, client->secret, form.parameters->token}};
}

class OAuthTest : public testing::Test {
 protected:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  Response post(std::string body, Fields fields = {}, std::string type = "application/x-www-form-urlencoded") {
    fields.emplace_back("Content-Type", std::move(type));
    return answer(router, Call("POST", "/show", std::move(fields), std::move(body)));
  }
  static Fields basic(std::string_view pair) { return {{"Authorization", "Basic " + crypto::to_base64(pair)}}; }
  /// `400 invalid_request`, or the body.
  std::string said(Response const& response) {
    if (response.status == 200) return response.body;
    return std::to_string(response.status) + ' ' + std::string(json::parse(response.body)->at("error").as_string());
  }

  Desk desk;
  NameGuard guard;
  Router router{{endpoint(Method::post, "/show", Access::anyone, {"T", "show", ""}, desk, show)}, guard};
};

TEST_F(OAuthTest, ReadsCredentialsFromTheBody) {
  EXPECT_EQ(said(post("client_id=a&client_secret=b%2Bc&token=t")), R"({"id":"a","secret":"b+c","token":"t"})");
}

TEST_F(OAuthTest, ReadsFormUrlencodedBasicCredentials) {
  EXPECT_EQ(said(post("token=t", basic("a%3Ab:c%2Bd+e"))), R"({"id":"a:b","secret":"c+d e","token":"t"})");
  EXPECT_EQ(said(post("", basic("a:b:c"))), R"({"id":"a","secret":"b:c","token":null})");
  EXPECT_EQ(said(post("", {{"authorization", "bAsIc " + crypto::to_base64("a:b")}})),
            R"({"id":"a","secret":"b","token":null})");
  EXPECT_EQ(said(post("client_id=a", basic("a:b"))), R"({"id":"a","secret":"b","token":null})");
}

TEST_F(OAuthTest, RefusesTwoWaysAtOnce) {
  EXPECT_EQ(said(post("client_id=a&client_secret=b", basic("a:b"))), "400 invalid_request");
  EXPECT_EQ(said(post("client_secret=b", basic("a:b"))), "400 invalid_request");
  EXPECT_EQ(said(post("client_id=other", basic("a:b"))), "400 invalid_request");
}

TEST_F(OAuthTest, RefusesWhoSaysNotWhoHeIs) {
  EXPECT_EQ(said(post("")), "401 invalid_client");
  EXPECT_EQ(said(post("client_id=a")), "401 invalid_client");
  EXPECT_EQ(said(post("client_secret=a")), "401 invalid_client");
  EXPECT_EQ(said(post("client_id=a&client_secret=")), "401 invalid_client") << "no value, as if left out";
  EXPECT_EQ(said(post("", {{"Authorization", "Bearer abc"}})), "401 invalid_client");
  EXPECT_EQ(said(post("", {{"Authorization", "Basic"}})), "401 invalid_client");
  EXPECT_EQ(said(post("", {{"Authorization", "Basic !"}})), "401 invalid_client");
  for (auto const* pair : {"", "no colon", "a:%", "%zz:b", "a:%ff"}) {
    EXPECT_EQ(said(post("", basic(pair))), "401 invalid_client") << pair;
  }
}

TEST_F(OAuthTest, IgnoresUnknownParametersAndRefusesRepeatedOnes) {
  EXPECT_EQ(said(post("client_id=a&client_secret=b&colour=red&token=")), R"({"id":"a","secret":"b","token":null})");
  EXPECT_EQ(said(post("client_id=a&client_secret=b&token=t&token=t")), "400 invalid_request");
  EXPECT_EQ(said(post("client_id=a&client_secret=b&colour=red&colour=")), "400 invalid_request");
  EXPECT_EQ(said(post("client_id=%zz&client_secret=b")), "400 invalid_request");
}

TEST_F(OAuthTest, TakesFormsAlone) {
  EXPECT_EQ(said(post(R"({"client_id":"a","client_secret":"b"})", {}, "application/json")), "400 invalid_request");
  EXPECT_EQ(said(post("client_id=a&client_secret=b", {}, "application/x-www-form-urlencoded; charset=UTF-8")),
            R"({"id":"a","secret":"b","token":null})");
}

TEST_F(OAuthTest, LetsNoCacheKeepAnAnswer) {
  for (auto const* body : {"", "client_id=a&client_secret=b", "token=a&token=b"}) {
    auto const response = post(body);
    EXPECT_EQ(header_of(response, "Cache-Control"), "no-store") << body;
    EXPECT_EQ(header_of(response, "Pragma"), "no-cache") << body;
    EXPECT_EQ(response.content_type, "application/json") << body;
  }
  EXPECT_EQ(header_of(post(""), "WWW-Authenticate"), "Basic realm=\"balcao\"");
  EXPECT_EQ(header_of(post("token=a&token=b"), "WWW-Authenticate"), "");
}

}  // namespace
}  // namespace balcao::http

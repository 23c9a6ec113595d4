#include "platform/http/router.hpp"

#include "calls.hpp"
#include "platform/fields.hpp"
#include "platform/json/describe.hpp"

namespace balcao::http {
namespace {

using test::answer;
using test::Call;
using test::code_of;
using test::header_of;

struct Thing;

struct Note {
  std::string text;
  std::optional<std::int64_t> stars;
};
BOOST_DESCRIBE_STRUCT(Note, (), (text, stars))

struct Shop {
  int calls = 0;
};

Task<Ok<Note>> read(Shop& shop, Path<"id", Id<Thing>>) {
  ++shop.calls;
  co_return Ok<Note>{{"read", {}}, R"("v1")"};
}
Task<Ok<Note>> write(Shop& shop, Caller, Path<"id", Id<Thing>>, Body<Note> body) {
  ++shop.calls;
  co_return Ok<Note>{std::move(body.value), R"("v2")"};
}
Task<NoContent> reset(Shop&, Caller) { co_return NoContent{}; }
Task<Ok<Note>> list(Shop&) { co_return Ok<Note>{{"list", {}}}; }
Task<Ok<Note>> name(Shop&, Path<"name", BoundedText<1, 50>> path) { co_return Ok<Note>{{path.value.str(), {}}}; }
Task<Ok<Note>> refuse(Shop&) {
  throw Problem(problems::precondition_failed).with_header("A", "b");
  co_return Ok<Note>{};
}
Task<Ok<Note>> fail(Shop&) {
  throw std::runtime_error("secret detail");
  co_return Ok<Note>{};
}

Task<NoContent> lose(Shop&) {
  throw UnknownOutcome("insert_note: the connection was lost");
  co_return NoContent{};
}

class RouterTest : public testing::Test {
 protected:
  static Endpoints endpoints(Shop& shop) {
    return {endpoint(Method::get, "/notes", Access::anyone, {"T", "list", ""}, shop, list),
            endpoint(Method::post, "/notes", Access::administrator, {"T", "reset", ""}, shop, reset),
            endpoint(Method::get, "/notes/{id}", Access::anyone, {"T", "read", ""}, shop, read),
            endpoint(Method::put, "/notes/{id}", Access::user, {"T", "write", ""}, shop, write),
            endpoint(Method::get, "/notes/fixed", Access::anyone, {"T", "fixed", ""}, shop, list),
            endpoint(Method::get, "/names/{name}", Access::anyone, {"T", "name", ""}, shop, name),
            endpoint(Method::get, "/refuse", Access::anyone, {"T", "refuse", ""}, shop, refuse),
            endpoint(Method::get, "/fail", Access::anyone, {"T", "fail", ""}, shop, fail),
            endpoint(Method::post, "/lose", Access::anyone, {"T", "lose", ""}, shop, lose)};
  }

  Response call(std::string method, std::string target, std::vector<std::pair<std::string, std::string>> headers = {},
                std::string body = {}) {
    return answer(router, Call(std::move(method), std::move(target), std::move(headers), std::move(body)));
  }
  Response put(std::string target, std::string token, std::string body, std::string type = "application/json") {
    return call("PUT", std::move(target), {{"Authorization", "Bearer " + token}, {"Content-Type", type}}, body);
  }

  std::string const note = "/notes/01890000-0000-7000-8000-000000000001";
  Shop shop;
  test::NameGuard guard;
  Router router{endpoints(shop), guard};
};

TEST_F(RouterTest, SaysWhatIsNotThere) {
  for (auto const* target : {"/", "/nothing", "/notes/", "/notes//", "/notes/a/b", "/Notes", "/notes/%zz", "/names/",
                             "/names/%00%ff", "/notes/not-an-id", "/%6eotes"}) {
    auto const response = call("GET", target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(code_of(response), "not_found") << target;
  }
}

TEST_F(RouterTest, SaysWhichMethodsAreThere) {
  for (auto const* method : {"DELETE", "PATCH", "BREW", "get"}) {
    auto const response = call(method, "/notes");
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(header_of(response, "Allow"), "OPTIONS, GET, HEAD, POST");
  }
  EXPECT_EQ(header_of(call("POST", note), "Allow"), "OPTIONS, GET, HEAD, PUT");
  auto const options = call("OPTIONS", note);
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(header_of(options, "Allow"), "OPTIONS, GET, HEAD, PUT");
  EXPECT_EQ(call("OPTIONS", "*").status, 204) << "the server as a whole";
}

TEST_F(RouterTest, AnswersHeadAsGet) {
  auto const response = call("HEAD", note);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header_of(response, "ETag"), R"("v1")");
}

TEST_F(RouterTest, PrefersAFixedPathAndDecodesParameters) {
  EXPECT_EQ(call("GET", "/notes/fixed").status, 200);
  EXPECT_EQ(json::parse(call("GET", "/names/caf%C3%A9%2Fbar+baz").body).value().at("text"), "café/bar+baz");
}

TEST_F(RouterTest, AsksTheGuardBeforeItLooksAtTheRequest) {
  auto const nobody = put(note, "nobody", "{broken");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(call("POST", "/notes", {{"Authorization", "Bearer user"}}).status, 403);
  auto const admitted = call("POST", "/notes", {{"Authorization", "Bearer admin"}});
  EXPECT_EQ(admitted.status, 204);
  EXPECT_EQ(header_of(admitted, "Cache-Control"), "no-store");
  EXPECT_EQ(shop.calls, 0);
}

TEST_F(RouterTest, LooksAtTheHeadBeforeTheBody) {
  auto const expect = [&](std::string method, std::string target, std::string token) {
    Call call(std::move(method), std::move(target), {{"Authorization", "Bearer " + token}});
    return test::expected(router, call);
  };
  EXPECT_EQ(expect("PUT", "/nothing", "user").error().status, 404);
  EXPECT_EQ(expect("PUT", "/notes", "user").error().status, 405);
  EXPECT_EQ(expect("PUT", note, "nobody").error().status, 401);
  EXPECT_EQ(expect("POST", "/notes", "user").error().status, 403);
  EXPECT_EQ(expect("PUT", note, "user")->max_bytes, large_body);
  EXPECT_EQ(expect("POST", "/lose", "user")->max_bytes, small_body) << "where anyone may send one";
}

TEST_F(RouterTest, AsksTheGuardOnceForHeadAndBody) {
  Call call("PUT", note, {{"Authorization", "Bearer user"}, {"Content-Type", "application/json"}}, R"({"text":"x"})");
  ASSERT_TRUE(test::expected(router, call));
  guard.asked = 0;
  EXPECT_EQ(answer(router, call).status, 200);
  EXPECT_EQ(guard.asked, 0);
  Router other(endpoints(shop), guard);
  EXPECT_EQ(answer(other, call).status, 200);
  EXPECT_EQ(guard.asked, 1) << "what another router found is not believed";
}

TEST_F(RouterTest, FindsFaultsInOrder) {
  EXPECT_EQ(put("/notes/none", "user", "{broken").status, 404) << "the path goes before the body";
  EXPECT_EQ(put("/notes/none", "user", "{}", "text/plain").status, 404);
  EXPECT_EQ(code_of(put(note, "user", "{broken")), "invalid_json");
  auto const unsupported = put(note, "user", "{}", "text/plain");
  EXPECT_EQ(unsupported.status, 415);
  EXPECT_EQ(header_of(unsupported, "Accept"), "application/json, application/x-www-form-urlencoded");
  auto const invalid = put(note, "user", R"({"stars":"many","colour":1})");
  EXPECT_EQ(invalid.status, 422);
  EXPECT_EQ(test::pointers_of(invalid), (std::vector<std::string>{"/text", "/stars", "/colour"}));
  EXPECT_EQ(shop.calls, 0);
  EXPECT_EQ(put(note, "user", R"({"text":"x"})", "Application/JSON ; charset=utf-8").status, 200);
  EXPECT_EQ(shop.calls, 1);
}

TEST_F(RouterTest, DoesNotAnswerLongerThanItWasAsked) {
  std::string body = R"({"text":"x")";
  for (int i = 0; i < 1000; ++i) body += ",\"" + std::to_string(i) + "\":1";
  auto const response = put(note, "user", body + '}');
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(test::pointers_of(response).size(), 100U);
}

TEST_F(RouterTest, TurnsWhatIsThrownIntoTheAnswer) {
  auto const refused = call("GET", "/refuse");
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(header_of(refused, "A"), "b");
  auto const failed = call("GET", "/fail");
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(code_of(failed), "internal");
  EXPECT_EQ(failed.body.find("secret"), std::string::npos) << "what failed is for the log alone";
}

TEST_F(RouterTest, SaysWhereNobodyKnowsWhatWasDone) {
  testing::internal::CaptureStderr();
  auto const response = call("POST", "/lose", {{"Accept-Language", "pt"}});
  auto const logged = testing::internal::GetCapturedStderr();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(code_of(response), "outcome_unknown");
  EXPECT_EQ(header_of(response, "Retry-After"), "1");
  EXPECT_NE(response.body.find("Verifique"), std::string::npos) << response.body;
  EXPECT_EQ(response.body.find("insert_note"), std::string::npos) << "what was lost is for the log alone";
  auto const body = json::parse(response.body).value();
  for (auto const& part :
       {std::string("lose"), std::string("insert_note"), std::string(body.at("trace_id").as_string())}) {
    EXPECT_NE(logged.find(part), std::string::npos) << logged;
  }
}

TEST_F(RouterTest, SendsNothingAgainThatTheClientHas) {
  for (auto const* method : {"GET", "HEAD"}) {
    auto const response = call(method, note, {{"If-None-Match", R"("v0", "v1")"}});
    EXPECT_EQ(response.status, 304) << method;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(header_of(response, "ETag"), R"("v1")");
  }
  EXPECT_EQ(call("GET", note, {{"If-None-Match", R"("v0")"}}).status, 200);
  auto const headers = std::vector<std::pair<std::string, std::string>>{
      {"Authorization", "Bearer user"}, {"Content-Type", "application/json"}, {"If-None-Match", R"("v2")"}};
  EXPECT_EQ(call("PUT", note, headers, R"({"text":"x"})").status, 200) << "reads only";
}

}  // namespace
}  // namespace balcao::http

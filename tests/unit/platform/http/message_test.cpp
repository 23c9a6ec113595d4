#include "platform/http/message.hpp"

#include "calls.hpp"

namespace balcao::http {
namespace {

using test::Call;

Language language_of(std::string accepted) {
  return Call("GET", "/", {{"Accept-Language", std::move(accepted)}}).request().language();
}

std::string trace_id_of(std::string traceparent) {
  return Call("GET", "/", {{"traceparent", std::move(traceparent)}}).request().trace().trace_id;
}

TEST(Message, SpeaksTheLanguageThatTheClientPutsFirst) {
  EXPECT_EQ(Call("GET", "/").request().language(), Language::english);
  for (auto const* accepted : {"pt", "pt-BR", "PT-br", "pt-BR,pt;q=0.9,en;q=0.8", "en;q=0.5, pt;q=0.501",
                               "fr, pt;q=0.1", "en;q=0, pt;q=0.001", "*;q=0.1,pt"}) {
    EXPECT_EQ(language_of(accepted), Language::portuguese) << accepted;
  }
  for (auto const* accepted : {"", "en", "en-US,en;q=0.9,pt;q=0.8", "fr", "pt;q=0", "pt;q=0.5,en;q=0.5",
                               "pt;q=", ",;=,", "ptx", "pt;q=0.4, en;q=1.000", "*"}) {
    EXPECT_EQ(language_of(accepted), Language::english) << accepted;
  }
}

TEST(Message, TakesATraceThatIsOne) {
  std::string const id = "0af7651916cd43dd8448eb211c80319c";
  EXPECT_EQ(trace_id_of("00-" + id + "-b7ad6b7169203331-01"), id);
  EXPECT_EQ(trace_id_of("cc-" + id + "-b7ad6b7169203331-01-what-comes-later"), id);
  for (std::string const& wrong : std::vector<std::string>{
           "00-" + id + "-b7ad6b7169203331-01-more",
           "cc-" + id + "-b7ad6b7169203331-01more",
           "ff-" + id + "-b7ad6b7169203331-01",
           "0x-" + id + "-b7ad6b7169203331-01",
           "00-" + id + "-0000000000000000-01",
           "00-" + id + "-B7AD6B7169203331-01",
           "00-" + id + "-b7ad6b7169203331-0",
           "00-" + id + "-b7ad6b7169203331-0g",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-",
       }) {
    auto const made = trace_id_of(wrong);
    EXPECT_NE(made, id) << wrong;
    EXPECT_EQ(made.size(), 32U);
    EXPECT_EQ(made.find_first_not_of("0123456789abcdef"), made.npos) << made;
  }
  EXPECT_NE(Call("GET", "/").request().trace().trace_id, Call("GET", "/").request().trace().trace_id);
}

TEST(Message, TakesARequestIdThatIsSafeToRepeat) {
  auto const request_id = [](std::string sent) {
    Call const call("GET", "/", {{"x-request-id", sent}});
    auto const& trace = call.request().trace();
    return trace.request_id == trace.trace_id ? std::string("made") : trace.request_id;
  };
  EXPECT_EQ(request_id("order-17/a"), "order-17/a");
  EXPECT_EQ(request_id(std::string(128, 'a')), std::string(128, 'a'));
  for (auto const& wrong : {std::string(), std::string(129, 'a'), std::string("a b"), std::string("a\x7f"),
                            std::string("\xc3\xa9"), std::string("a\tb")}) {
    EXPECT_EQ(request_id(wrong), "made") << wrong;
  }
}

TEST(Message, ReadsBearerTokens) {
  auto const token = [](std::string credentials) {
    Call const call("GET", "/", {{"authorization", std::move(credentials)}});
    auto const found = call.request().bearer_token();
    return found ? std::string(*found) : std::string("none");
  };
  EXPECT_EQ(token("Bearer abc"), "abc");
  EXPECT_EQ(token("bearer  abc "), "abc");
  EXPECT_EQ(token("Basic abc"), "none");
  EXPECT_EQ(token("Bearer"), "none");
  EXPECT_EQ(token("Bearerabc"), "none");
}

TEST(Message, MatchesEntityTagsWeakly) {
  EXPECT_TRUE(matches_etag(R"("a")", R"("a")"));
  EXPECT_TRUE(matches_etag(R"("x", W/"a" ,"y")", R"("a")"));
  EXPECT_TRUE(matches_etag(" * ", R"("a")"));
  for (auto const* others : {"", "a", R"("b")", R"("A")", R"(w/"a")", R"("a)", ",,", R"("*")"}) {
    EXPECT_FALSE(matches_etag(others, R"("a")")) << others;
  }
}

TEST(Message, MatchesEntityTagsStrongly) {
  EXPECT_TRUE(matches_strongly(R"("a")", R"("a")"));
  EXPECT_TRUE(matches_strongly(R"("x", W/"a" ,"a")", R"("a")"));
  EXPECT_TRUE(matches_strongly(" * ", R"("a")"));
  for (auto const* others : {"", "a", R"(W/"a")", R"("b")", R"(w/"a")", ",,", R"("*")"}) {
    EXPECT_FALSE(matches_strongly(others, R"("a")")) << others;
  }
  EXPECT_FALSE(matches_strongly(R"(W/"a")", R"(W/"a")")) << "no tag that is weak is anyone's";
}

TEST(Message, WritesAProblem) {
  Call const call("POST", "/products?x=1", {{"Accept-Language", "pt"}});
  auto const problem = Problem(problems::invalid_fields)
                           .with_header("Retry-After", "3")
                           .with_faults({{"/name", {"It is \"required\".", "É obrigatório."}}});
  auto const response = problem_response(problem, call.request());
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(test::header_of(response, "Retry-After"), "3");
  EXPECT_EQ(test::header_of(response, "Content-Language"), "pt-BR");
  EXPECT_EQ(test::header_of(response, "Cache-Control"), "no-store");
  auto const body = json::parse(response.body).value().as_object();
  EXPECT_EQ(body.at("type"), "urn:problem:balcao:invalid_fields");
  EXPECT_EQ(body.at("title"), "Alguns campos não são válidos");
  EXPECT_EQ(body.at("status"), 422);
  EXPECT_EQ(body.at("instance"), "/products");
  EXPECT_EQ(body.at("code"), "invalid_fields");
  EXPECT_EQ(body.at("trace_id").as_string().size(), 32U);
  EXPECT_EQ(body.at("errors").at(0).at("pointer"), "/name");
  EXPECT_EQ(body.at("errors").at(0).at("detail"), "É obrigatório.");
  EXPECT_FALSE(body.at("detail").as_string().empty()) << "there is always something to say";
}

TEST(Message, GivesNoLengthWhereThereIsNoBody) {
  std::string head;
  append_head({204, {}, {{"A", "b"}}, {}}, head);
  EXPECT_EQ(head, "HTTP/1.1 204 No Content\r\nA: b\r\n");
  head.clear();
  append_head({200, "text/plain", {}, "abc"}, head);
  EXPECT_EQ(head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n");
}

}  // namespace
}  // namespace balcao::http

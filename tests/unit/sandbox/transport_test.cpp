#include "gateway_fixture.hpp"
#include "platform/crypto/hash.hpp"

namespace balcao::test {
namespace {

class Transport : public GatewayTest {
 protected:
  Answer with_authorization(std::string value) {
    return send({"GET", "/v1/customers", "", {{"Authorization", std::move(value)}}});
  }
  Answer fault(std::string document) { return send({"POST", "/_sandbox/faults", std::move(document)}); }
};

TEST_F(Transport, every_answer_carries_its_headers) {
  auto const answer = get("/v1/customers");
  EXPECT_TRUE(answer.header("request-id").starts_with("req_"));
  EXPECT_EQ(answer.header("stripe-version"), "2026-10-28.endive");
  EXPECT_NE(get("/v1/customers").header("request-id"), answer.header("request-id"));
  auto const older = send({"GET", "/v1/customers", "", {{"Stripe-Version", "2023-08-16"}}});
  EXPECT_EQ(older.header("stripe-version"), "2023-08-16");
  auto const wrong = send({"GET", "/v1/customers", "", {{"Stripe-Version", "latest"}}});
  EXPECT_EQ(wrong.status(), 400);
}

TEST_F(Transport, takes_a_test_key_as_bearer_or_basic) {
  EXPECT_EQ(with_authorization("Bearer sk_test_1").status(), 200);
  EXPECT_EQ(with_authorization("Basic " + crypto::to_base64("sk_test_1:")).status(), 200);
  for (std::string const value : {"", "Bearer ", "Bearer sk_test_", "Bearer sk_live_1", "Bearer pk_test_1", "Basic !",
                                  "Basic c2tfbGl2ZToK", "Digest sk_test_1"}) {
    auto const answer = with_authorization(value);
    EXPECT_EQ(answer.status(), 401) << value;
    EXPECT_EQ(answer.error("type"), "invalid_request_error");
    EXPECT_NE(answer.header("WWW-Authenticate"), "");
    EXPECT_EQ(answer.response.body.find("sk_live"), std::string::npos);
  }
}

TEST_F(Transport, takes_exactly_the_key_that_is_set) {
  open({.secret_key = "sk_test_ours"});
  EXPECT_EQ(with_authorization("Bearer sk_test_ours").status(), 200);
  EXPECT_EQ(with_authorization("Bearer sk_test_theirs").status(), 401);
}

TEST_F(Transport, an_unknown_url_is_named) {
  auto const answer = get("/v1/unicorns");
  EXPECT_EQ(answer.status(), 404);
  EXPECT_TRUE(answer.error("message").starts_with("Unrecognized request URL (GET: /v1/unicorns)."));
  EXPECT_EQ(send({"PUT", "/v1/customers"}).status(), 404);
  EXPECT_EQ(get("/v1/customers/").status(), 404);
  EXPECT_EQ(get("/").status(), 404);
}

TEST_F(Transport, other_bodies_than_forms_are_refused) {
  for (auto const* type : {"application/json", "multipart/form-data; boundary=x", "text/plain"}) {
    auto const answer = post("/v1/customers", R"({"name":"Ana"})", {{"Content-Type", type}});
    EXPECT_EQ(answer.status(), 400) << type;
    EXPECT_NE(answer.error("message").find("application/x-www-form-urlencoded"), std::string::npos);
  }
  EXPECT_EQ(post("/v1/customers", "a[=1").status(), 400);
}

TEST_F(Transport, a_card_number_is_refused_and_not_echoed) {
  auto const expect_refused = [](Answer const& answer) {
    EXPECT_EQ(answer.status(), 400);
    EXPECT_EQ(answer.response.body.find("4242"), std::string::npos) << answer.response.body;
  };
  expect_refused(post("/v1/customers", "description=4242+4242+4242+4242"));
  expect_refused(post("/v1/customers", "metadata[card]=4242424242424242"));
  expect_refused(post("/v1/customers", "metadata[4242424242424242]=card"));
  expect_refused(get("/v1/customers?email=4242424242424242"));
  expect_refused(get("/v1/customers/4242424242424242"));
  EXPECT_EQ(count_customers(), 0u);
}

TEST_F(Transport, what_is_no_request_is_answered_in_the_same_shape) {
  http::Request const request;
  auto const response = gateway->refuse(Problem(problems::payload_too_large), request);
  EXPECT_EQ(response.status, 413);
  auto const body = json::parse(response.body).value();
  EXPECT_EQ(body.at_pointer("/error/type").as_string(), "invalid_request_error");
}

TEST_F(Transport, faults_are_listed_counted_off_and_cleared) {
  EXPECT_EQ(fault(R"({"match":"POST /v1/customers/*","fault":"error_500","times":2})").status(), 200);
  EXPECT_EQ(get("/_sandbox/faults").at("/data/0/times").as_int64(), 2);
  EXPECT_EQ(post("/v1/customers").status(), 200);
  EXPECT_EQ(post("/v1/customers/cus_1").status(), 500);
  EXPECT_EQ(get("/_sandbox/faults").at("/data/0/times").as_int64(), 1);
  EXPECT_EQ(del("/_sandbox/faults").status(), 204);
  EXPECT_EQ(post("/v1/customers/cus_1").status(), 404);

  for (auto const* document :
       {"{", "[]", "{}", R"({"match":"POST /v1","fault":"none"})", R"({"match":1,"fault":"delay"})",
        R"({"match":"POST /v1","fault":"delay","times":0})", R"({"match":"POST /v1","fault":"delay","often":1})"}) {
    EXPECT_EQ(fault(document).status(), 400) << document;
  }
}

TEST_F(Transport, a_fault_before_execution_leaves_no_trace) {
  Headers const key{{"Idempotency-Key", "k"}};
  auto const status_with = [&](std::string kind) {
    fault(R"({"match":"POST /v1/customers","fault":")" + kind + R"("})");
    return post("/v1/customers", "name=Ana", key).status();
  };
  EXPECT_EQ(status_with("conflict_409"), 409);
  EXPECT_EQ(status_with("rate_limit_429"), 429);
  EXPECT_EQ(status_with("error_500"), 500);
  fault(R"({"match":"POST /v1/customers","fault":"close_before"})");
  EXPECT_TRUE(post("/v1/customers", "name=Ana", key).response.cut_off);
  EXPECT_EQ(count_customers(), 0u);
  EXPECT_EQ(post("/v1/customers", "name=Ana", key).status(), 200);
}

TEST_F(Transport, a_lost_answer_is_there_for_the_retry) {
  Headers const key{{"Idempotency-Key", "k"}};
  fault(R"({"match":"POST /v1/customers","fault":"close_after","delay_ms":1})");
  EXPECT_TRUE(post("/v1/customers", "name=Ana", key).response.cut_off);
  EXPECT_EQ(count_customers(), 1u);
  auto const retried = post("/v1/customers", "name=Ana", key);
  EXPECT_EQ(retried.status(), 200);
  EXPECT_EQ(retried.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(count_customers(), 1u);
}

TEST_F(Transport, a_500_after_execution_is_kept_and_done) {
  Headers const key{{"Idempotency-Key", "k"}};
  fault(R"({"match":"POST /v1/customers","fault":"error_500_executed"})");
  EXPECT_EQ(post("/v1/customers", "name=Ana", key).status(), 500);
  auto const retried = post("/v1/customers", "name=Ana", key);
  EXPECT_EQ(retried.status(), 500);
  EXPECT_EQ(retried.error("type"), "api_error");
  EXPECT_EQ(retried.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(count_customers(), 1u);
}

}  // namespace
}  // namespace balcao::test

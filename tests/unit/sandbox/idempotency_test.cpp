#include "gateway_fixture.hpp"

namespace balcao::test {
namespace {

using namespace std::chrono_literals;

class Idempotency : public GatewayTest {
 protected:
  Answer create(std::string key, std::string form = "name=Ana") {
    return post("/v1/customers", std::move(form), {{"Idempotency-Key", std::move(key)}});
  }
};

TEST_F(Idempotency, the_first_outcome_is_given_again) {
  auto const first = create("k");
  auto const again = create("k");
  EXPECT_EQ(again.response.body, first.response.body);
  EXPECT_EQ(first.header("Idempotent-Replayed"), "");
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(again.header("original-request"), first.header("request-id"));
  EXPECT_EQ(again.header("idempotency-key"), "k");
  EXPECT_EQ(count_customers(), 1u);
}

TEST_F(Idempotency, the_order_of_the_parameters_does_not_matter) {
  auto const first = create("k", "name=Ana&email=a@b.c");
  EXPECT_EQ(create("k", "email=a@b.c&name=Ana").response.body, first.response.body);
}

TEST_F(Idempotency, a_restart_forgets_nothing) {
  auto const first = create("k");
  open();
  EXPECT_EQ(create("k").response.body, first.response.body);
  EXPECT_EQ(count_customers(), 1u);
}

TEST_F(Idempotency, another_request_with_the_key_is_refused) {
  auto const id = create("k").text("/id");
  auto const other_parameters = create("k", "name=Bia");
  EXPECT_EQ(other_parameters.status(), 400);
  EXPECT_EQ(other_parameters.error("type"), "idempotency_error");
  auto const other_endpoint = post("/v1/customers/" + id, "name=Ana", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(other_endpoint.status(), 400);
  EXPECT_EQ(other_endpoint.error("type"), "idempotency_error");
  EXPECT_EQ(count_customers(), 1u);
}

TEST_F(Idempotency, a_second_request_beside_the_first_is_in_conflict) {
  Sent const sent{"POST", "/v1/customers", "name=Ana", {{"Idempotency-Key", "k"}}};
  auto const answers = send_at_once({sent, sent});
  EXPECT_EQ(answers[0].status(), 200);
  EXPECT_EQ(answers[1].status(), 409);
  EXPECT_EQ(answers[1].error("code"), "idempotency_key_in_use");
  EXPECT_EQ(create("k").response.body, answers[0].response.body);
  EXPECT_EQ(count_customers(), 1u);
}

TEST_F(Idempotency, two_processes_make_one_customer) {
  sandbox::Sandbox other(*database, clock, {});
  for (int i = 0; i < 20; ++i) {
    Sent const sent{"POST", "/v1/customers", "name=Ana", {{"Idempotency-Key", "k" + std::to_string(i)}}};
    auto const answers = GatewayTest::send_at_once({sent, sent}, {gateway.get(), &other});
    EXPECT_EQ(answers[0].status(), 200);
    EXPECT_EQ(answers[0].response.body, answers[1].response.body);
  }
  EXPECT_EQ(count_customers(), 20u);
}

TEST_F(Idempotency, failed_validation_is_not_kept) {
  EXPECT_EQ(create("k", "nome=Ana").status(), 400);
  EXPECT_EQ(create("k", "name=Ana").status(), 200);
}

TEST_F(Idempotency, a_wrong_key_of_the_account_is_not_kept) {
  auto const refused =
      post("/v1/customers", "name=Ana", {{"Idempotency-Key", "k"}, {"Authorization", "Bearer sk_live_1"}});
  EXPECT_EQ(refused.status(), 401);
  EXPECT_EQ(create("k").status(), 200);
}

TEST_F(Idempotency, a_failure_after_execution_began_is_kept) {
  auto const missing = post("/v1/customers/cus_unknown", "name=Ana", {{"Idempotency-Key", "k"}});
  auto const again = post("/v1/customers/cus_unknown", "name=Ana", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(missing.status(), 404);
  EXPECT_EQ(again.response.body, missing.response.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
}

TEST_F(Idempotency, after_24_hours_the_key_makes_something_new) {
  auto const first = create("k");
  clock.advance(24h - 1s);
  EXPECT_EQ(create("k").text("/id"), first.text("/id"));
  clock.advance(1s);
  EXPECT_NE(create("k").text("/id"), first.text("/id"));
  EXPECT_EQ(count_customers(), 2u);
}

TEST_F(Idempotency, old_answers_and_events_are_removed_beside_the_requests) {
  auto const rows = [this]() -> Task<std::int64_t> {
    static constexpr db::Statement sql{"count",
                                       "SELECT (SELECT count(*) FROM sandbox.idempotency_keys) + (SELECT count(*) FROM "
                                       "sandbox.events) + (SELECT count(*) FROM sandbox.deliveries)"};
    co_return (co_await database->query(sql)).front().get<std::int64_t>(0);
  };
  open({.webhook = sandbox::WebhookTarget{"http://127.0.0.1:1/hooks", "whsec_1"}});
  for (int i = 0; i < 3; ++i) create("k" + std::to_string(i));
  clock.advance(31 * 24h);
  create("k0");
  EXPECT_EQ(run(rows()), 3 * 3 + 2) << "a request deletes no more than the answer it replaces";

  auto tasks = gateway->background();
  tasks.push_back([](auto count, sandbox::Sandbox& all) -> Task<> {
    for (int i = 0; i < 200 && co_await count() > 3; ++i) co_await pause(10ms);
    all.stop();
  }(rows, *gateway));
  for (auto const& failure : run_together(std::move(tasks))) EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(run(rows()), 3) << "the new ones stay";
}

TEST_F(Idempotency, a_key_is_short_and_printable) {
  EXPECT_EQ(create(std::string(255, 'k')).status(), 200);
  EXPECT_EQ(create(std::string(256, 'k')).status(), 400);
  EXPECT_EQ(create("k\xc3\xa9").status(), 400);
}

}  // namespace
}  // namespace balcao::test

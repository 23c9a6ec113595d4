#include "payments_fixture.hpp"

namespace balcao::test {
namespace {

using namespace std::chrono_literals;

class Refunds : public PaymentsTest {
 protected:
  Answer refund(std::string const& intent, std::string more = {}) {
    return post("/v1/refunds", "payment_intent=" + intent + "&" + std::move(more));
  }
  Answer charge_of(std::string const& id) { return get("/v1/charges/" + intent(id).text("/latest_charge")); }
};

constexpr std::int64_t fee = 79;  // of R$ 10,00 by card

TEST_F(Refunds, are_partial_until_the_charge_is_used_up) {
  auto const id = pay(card("visa")).text("/id");
  EXPECT_EQ(sum_of_balance(), 1000 - fee);
  EXPECT_EQ(refund(id, "amount=400").text("/status"), "succeeded");
  EXPECT_EQ(refund(id, "amount=400").text("/status"), "succeeded") << "two of the same amount are two refunds";
  EXPECT_EQ(refund(id, "amount=201").error("param"), "amount");
  EXPECT_EQ(refund(id).at("/amount").as_int64(), 200);
  EXPECT_TRUE(charge_of(id).at("/refunded").as_bool());
  EXPECT_EQ(refund(id, "amount=1").error("code"), "charge_already_refunded");
  EXPECT_EQ(sum_of_balance(), -fee);
  EXPECT_EQ(get("/v1/refunds?payment_intent=" + id).at("/data").as_array().size(), 3U);
}

TEST_F(Refunds, at_once_never_give_back_more_than_there_is) {
  auto const id = pay(card("visa")).text("/id");
  std::vector<Sent> const sent(5, {"POST", "/v1/refunds", "amount=400&payment_intent=" + id});
  std::ptrdiff_t succeeded = 0;
  for (auto const& answer : send_at_once(sent)) succeeded += answer.status() == 200;
  EXPECT_EQ(succeeded, 2);
  EXPECT_EQ(charge_of(id).at("/amount_refunded").as_int64(), 800);
}

TEST_F(Refunds, may_be_slow) {
  auto const id = pay(card("pendingRefund")).text("/id");
  auto const made = refund(id);
  EXPECT_EQ(made.text("/status"), "pending");
  wait(3s);
  EXPECT_EQ(get("/v1/refunds/" + made.text("/id")).text("/status"), "succeeded");
  EXPECT_EQ(sum_of_balance(), -fee);
}

TEST_F(Refunds, may_fail_after_they_succeeded) {
  auto const id = pay(card("refundFail")).text("/id");
  auto const made = refund(id);
  EXPECT_EQ(made.text("/status"), "succeeded");
  auto const before = count_events();
  wait(3s);
  auto const failed = get("/v1/refunds/" + made.text("/id"));
  EXPECT_EQ(failed.text("/status"), "failed");
  EXPECT_FALSE(failed.text("/failure_balance_transaction").empty());
  EXPECT_EQ(events_since(before), (Types{"refund.failed", "refund.updated", "charge.refund.updated"}));
  EXPECT_EQ(charge_of(id).at("/amount_refunded").as_int64(), 0);
  EXPECT_EQ(sum_of_balance(), 1000 - fee);
}

TEST_F(Refunds, fail_later_where_the_fault_is_switched_on) {
  auto const id = pay(card("visa")).text("/id");
  send({"POST", "/_sandbox/faults", R"({"match":"POST /v1/refunds","fault":"refund_fails_later"})"});
  auto const made = refund(id);
  EXPECT_EQ(made.text("/status"), "succeeded");
  wait(3s);
  EXPECT_EQ(get("/v1/refunds/" + made.text("/id")).text("/status"), "failed");
}

TEST_F(Refunds, that_are_pending_can_be_canceled_and_stay_so) {
  auto const made = refund(pay(card("pendingRefund")).text("/id")).text("/id");
  EXPECT_EQ(post("/v1/refunds/" + made + "/cancel").text("/status"), "canceled");
  wait(3s);
  EXPECT_EQ(get("/v1/refunds/" + made).text("/status"), "canceled");
  EXPECT_EQ(post("/v1/refunds/" + made + "/cancel").status(), 400);
}

TEST_F(Refunds, are_not_for_what_was_not_paid_or_is_disputed) {
  EXPECT_EQ(refund(create().text("/id")).error("param"), "payment_intent");
  EXPECT_EQ(refund("pi_unknown").error("code"), "resource_missing");
  EXPECT_EQ(post("/v1/refunds").error("code"), "parameter_missing");
  EXPECT_EQ(refund(pay(card("createDispute")).text("/id")).error("code"), "charge_disputed");
  auto const boleto_id = pay(boleto).text("/id");
  act(boleto_id, "succeed");
  act(boleto_id, "succeed");
  EXPECT_EQ(refund(boleto_id).error("code"), "charge_not_refundable");
}

TEST_F(Refunds, of_a_part_that_was_captured_leave_the_rest_alone) {
  auto const id = pay(card("visa"), "capture_method=manual").text("/id");
  EXPECT_EQ(on_intent(id, "capture", "amount_to_capture=1001").error("code"), "amount_too_large");
  EXPECT_EQ(on_intent(id, "capture", "amount_to_capture=600").at("/amount_received").as_int64(), 600);
  EXPECT_EQ(refund(id, "amount=601").status(), 400);
  EXPECT_EQ(refund(id).at("/amount").as_int64(), 600);
}

class Disputes : public PaymentsTest {
 protected:
  std::string disputed() {
    auto const id = pay(card("createDispute")).text("/id");
    return get("/v1/disputes?payment_intent=" + id).text("/data/0/id");
  }
};

constexpr std::int64_t dispute_fee = 5500;

TEST_F(Disputes, are_won_with_winning_evidence) {
  auto const url = "/v1/disputes/" + disputed();
  EXPECT_EQ(sum_of_balance(), -fee - dispute_fee);
  EXPECT_EQ(post(url, "evidence[customer_name]=Ana&submit=false").text("/status"), "needs_response");
  auto const before = count_events();
  clock.advance(1s);
  EXPECT_EQ(post(url, "evidence[uncategorized_text]=winning_evidence").text("/status"), "won");
  EXPECT_EQ(events_since(before),
            (Types{"charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"}));
  EXPECT_EQ(sum_of_balance(), 1000 - fee - dispute_fee);
  EXPECT_EQ(post(url, "evidence[customer_name]=Ana").status(), 400);
}

TEST_F(Disputes, are_lost_with_losing_evidence_or_when_they_are_closed) {
  EXPECT_EQ(post("/v1/disputes/" + disputed(), "evidence[uncategorized_text]=losing_evidence").text("/status"), "lost");
  auto const closed = "/v1/disputes/" + disputed() + "/close";
  EXPECT_EQ(post(closed).text("/status"), "lost");
  EXPECT_EQ(post(closed).status(), 400);
}

TEST_F(Disputes, with_other_evidence_are_under_review) {
  auto const answer = post("/v1/disputes/" + disputed(), "evidence[product_description]=Tea");
  EXPECT_EQ(answer.text("/status"), "under_review");
  EXPECT_EQ(answer.at("/evidence_details/submission_count").as_int64(), 1);
}

}  // namespace
}  // namespace balcao::test

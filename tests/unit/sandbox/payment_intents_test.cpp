#include "payments_fixture.hpp"

namespace balcao::test {
namespace {

using namespace std::chrono_literals;

class PaymentIntents : public PaymentsTest {
 protected:
  /// An intent in each state.
  std::string intent_that(std::string_view state) {
    if (state == "requires_payment_method") return create().text("/id");
    if (state == "requires_confirmation") return create(card("visa")).text("/id");
    if (state == "requires_action") return pay(card("threeDSecure2Required")).text("/id");
    if (state == "requires_capture") return pay(card("visa"), "capture_method=manual").text("/id");
    if (state == "succeeded") return pay(card("visa")).text("/id");
    if (state == "processing") {
      auto id = pay(boleto).text("/id");
      act(id, "succeed");
      return id;
    }
    auto id = create().text("/id");
    on_intent(id, "cancel");
    return id;
  }
};

struct Row {
  std::string_view from;
  std::string_view what;
  int status;
  std::string_view to;
};

constexpr std::array rows{
    Row{"requires_payment_method", "confirm", 200, "succeeded"},
    Row{"requires_payment_method", "capture", 400, "requires_payment_method"},
    Row{"requires_payment_method", "cancel", 200, "canceled"},
    Row{"requires_payment_method", "succeed", 400, "requires_payment_method"},
    Row{"requires_payment_method", "expire", 400, "requires_payment_method"},
    Row{"requires_confirmation", "confirm", 200, "succeeded"},
    Row{"requires_confirmation", "capture", 400, "requires_confirmation"},
    Row{"requires_confirmation", "cancel", 200, "canceled"},
    Row{"requires_confirmation", "succeed", 400, "requires_confirmation"},
    Row{"requires_action", "confirm", 400, "requires_action"},
    Row{"requires_action", "capture", 400, "requires_action"},
    Row{"requires_action", "cancel", 200, "canceled"},
    Row{"requires_action", "succeed", 200, "succeeded"},
    Row{"requires_action", "fail", 200, "requires_payment_method"},
    Row{"requires_action", "expire", 200, "requires_payment_method"},
    Row{"processing", "confirm", 400, "processing"},
    Row{"processing", "capture", 400, "processing"},
    Row{"processing", "cancel", 400, "processing"},
    Row{"processing", "succeed", 200, "succeeded"},
    Row{"processing", "fail", 200, "requires_payment_method"},
    Row{"processing", "expire", 400, "processing"},
    Row{"requires_capture", "confirm", 400, "requires_capture"},
    Row{"requires_capture", "capture", 200, "succeeded"},
    Row{"requires_capture", "cancel", 200, "canceled"},
    Row{"requires_capture", "succeed", 400, "requires_capture"},
    Row{"requires_capture", "expire", 200, "canceled"},
    Row{"succeeded", "confirm", 400, "succeeded"},
    Row{"succeeded", "capture", 400, "succeeded"},
    Row{"succeeded", "cancel", 400, "succeeded"},
    Row{"succeeded", "fail", 400, "succeeded"},
    Row{"canceled", "confirm", 400, "canceled"},
    Row{"canceled", "capture", 400, "canceled"},
    Row{"canceled", "cancel", 400, "canceled"},
    Row{"canceled", "succeed", 400, "canceled"},
};

TEST_F(PaymentIntents, go_from_state_to_state_as_documented) {
  for (auto const& row : rows) {
    auto const what = std::string(row.from) + " → " + std::string(row.what);
    auto const id = intent_that(row.from);
    ASSERT_EQ(status_of_intent(id), row.from) << what;
    bool const is_ours = row.what == "succeed" || row.what == "fail" || row.what == "expire";
    auto const form = row.what == "confirm" ? card("visa") : "";
    auto const answer = is_ours ? act(id, row.what) : on_intent(id, row.what, form);
    EXPECT_EQ(answer.status(), row.status) << what << answer.response.body;
    if (row.status == 400) {
      EXPECT_EQ(answer.error("code"), "payment_intent_unexpected_state") << what;
      EXPECT_EQ(answer.text("/error/payment_intent/id"), id) << what;
    }
    EXPECT_EQ(status_of_intent(id), row.to) << what;
  }
}

TEST_F(PaymentIntents, that_lack_a_payment_method_cannot_be_confirmed) {
  auto const answer = on_intent(create().text("/id"), "confirm");
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.error("code"), "payment_intent_unexpected_state");
}

TEST_F(PaymentIntents, are_confirmed_once_however_many_try) {
  auto const id = create(card("visa")).text("/id");
  std::vector<Sent> const sent(5, {"POST", "/v1/payment_intents/" + id + "/confirm"});
  int succeeded = 0;
  for (auto const& answer : send_at_once(sent)) {
    if (answer.status() == 200) ++succeeded;
    if (answer.status() != 200) EXPECT_EQ(answer.error("code"), "payment_intent_unexpected_state");
  }
  EXPECT_EQ(succeeded, 1);
  EXPECT_EQ(get("/v1/charges?payment_intent=" + id).at("/data").as_array().size(), 1U);
  EXPECT_EQ(get("/v1/balance_transactions").at("/data").as_array().size(), 1U);
}

TEST_F(PaymentIntents, tell_what_happens_to_them) {
  struct Told {
    std::string form;
    Types events;
  };
  std::vector<Told> const told{
      {card("visa"), {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}},
      {card("chargeDeclined"), {"payment_intent.created", "charge.failed", "payment_intent.payment_failed"}},
      {card("threeDSecure2Required"), {"payment_intent.created", "payment_intent.requires_action"}},
      {card("visa") + "&capture_method=manual",
       {"payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"}},
      {std::string(pix), {"payment_intent.created", "payment_intent.requires_action"}},
      {card("createDispute"),
       {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.dispute.created",
        "charge.dispute.funds_withdrawn"}},
  };
  for (auto const& [form, events] : told) {
    auto const before = count_events();
    clock.advance(1s);
    pay(form);
    EXPECT_EQ(events_since(before), events) << form;
  }
}

TEST_F(PaymentIntents, are_released_after_seven_days) {
  auto const id = pay(card("visa"), "capture_method=manual").text("/id");
  wait(std::chrono::days(7) - 1s);
  EXPECT_EQ(status_of_intent(id), "requires_capture");
  wait(2s);
  auto const released = intent(id);
  EXPECT_EQ(released.text("/status"), "canceled");
  EXPECT_EQ(released.text("/cancellation_reason"), "automatic");
  EXPECT_TRUE(get("/v1/charges/" + released.text("/latest_charge")).at("/refunded").as_bool());
  EXPECT_EQ(sum_of_balance(), 0);
}

TEST_F(PaymentIntents, by_boleto_are_paid_after_three_minutes_and_cleared) {
  auto const id = pay(boleto).text("/id");
  wait(2min);
  EXPECT_EQ(status_of_intent(id), "requires_action");
  wait(1min + 1s);
  EXPECT_EQ(status_of_intent(id), "processing");
  wait(2s);
  EXPECT_EQ(status_of_intent(id), "succeeded");
  EXPECT_EQ(sum_of_balance(), 1000 - 345);
}

TEST_F(PaymentIntents, by_pix_expire_and_do_not_take_the_next_attempt_with_them) {
  std::string const short_pix = std::string(pix) + "&payment_method_options[pix][expires_after_seconds]=60";
  auto const id = pay(short_pix).text("/id");
  wait(30s);
  EXPECT_EQ(post("/v1/payment_intents/" + id, "amount=2000").text("/status"), "requires_confirmation");
  EXPECT_EQ(on_intent(id, "confirm").text("/status"), "requires_action");
  wait(40s);
  EXPECT_EQ(status_of_intent(id), "requires_action") << "the first attempt's end is not the second's";
  wait(30s);
  auto const expired = intent(id);
  EXPECT_EQ(expired.text("/status"), "requires_payment_method");
  EXPECT_EQ(expired.text("/last_payment_error/code"), "payment_intent_payment_attempt_expired");
}

TEST_F(PaymentIntents, follow_the_test_rules_of_the_billing_address) {
  auto const with_email = [](std::string const& email) {
    return std::string(pix) + "&payment_method_data[billing_details][email]=" + email + "%40example.com";
  };
  auto const paid = pay(with_email("ana_succeed_immediately")).text("/id");
  auto const expired = pay(with_email("expire_immediately")).text("/id");
  auto const never = pay(std::string(boleto)).text("/id");
  wait(1ms);
  EXPECT_EQ(status_of_intent(paid), "succeeded");
  EXPECT_EQ(status_of_intent(expired), "requires_payment_method");
  EXPECT_EQ(status_of_intent(never), "requires_action");
}

TEST_F(PaymentIntents, name_the_parameter_at_fault) {
  struct Fault {
    std::string form;
    std::string_view code;
    std::string_view param;
  };
  std::string const pix_only = "amount=1000&payment_method_types[]=pix&payment_method_data[type]=pix&";
  std::vector<Fault> const faults{
      {"currency=brl", "parameter_missing", "amount"},
      {"amount=1000", "parameter_missing", "currency"},
      {"amount=49&currency=brl", "amount_too_small", "amount"},
      {"amount=100000000&currency=brl", "amount_too_large", "amount"},
      {"amount=0&currency=brl", "parameter_invalid_integer", "amount"},
      {"amount=10.5&currency=brl", "parameter_invalid_integer", "amount"},
      {"amount=1000&currency=real", "", "currency"},
      {"amount=1000&currency=brl&colour=red", "parameter_unknown", "colour"},
      {"amount=1000&currency=brl&customer=cus_unknown", "resource_missing", "customer"},
      {"amount=1000&currency=brl&payment_method=pm_unknown", "resource_missing", "payment_method"},
      {"amount=1000&currency=brl&confirm=true&payment_method=pm_card_visa", "", "return_url"},
      {"amount=1000&currency=brl&payment_method_types[]=pix&payment_method=pm_card_visa",
       "payment_intent_incompatible_payment_method", "payment_method"},
      {pix_only + "currency=usd", "invalid_currency", "currency"},
      {pix_only + "currency=brl&capture_method=manual", "payment_intent_incompatible_payment_method", "capture_method"},
      {pix_only + "currency=brl&payment_method_options[pix][expires_after_seconds]=9", "parameter_invalid_integer",
       "payment_method_options[pix][expires_after_seconds]"},
      {"amount=1000&currency=brl&payment_method_data[type]=boleto", "parameter_missing",
       "payment_method_data[boleto][tax_id]"},
      {"amount=1000&currency=brl&payment_method_data[type]=boleto&payment_method_data[boleto][tax_id]=52998224724",
       "tax_id_invalid", "payment_method_data[boleto][tax_id]"},
      {"amount=1000&currency=brl&payment_method_data[type]=boleto&payment_method_data[boleto][tax_id]=52998224725",
       "parameter_missing", "payment_method_data[billing_details][name]"},
  };
  for (auto const& [form, code, param] : faults) {
    auto const answer = post("/v1/payment_intents", form);
    EXPECT_EQ(answer.status(), 400) << form;
    EXPECT_EQ(answer.error("code"), code) << form;
    EXPECT_EQ(answer.error("param"), param) << form;
  }
  EXPECT_EQ(count_events(), 0U);
}

TEST_F(PaymentIntents, change_their_amount_until_something_is_done) {
  auto const id = create().text("/id");
  auto const url = "/v1/payment_intents/" + id;
  EXPECT_EQ(post(url, "amount=2000&metadata[order]=7").at("/amount").as_int64(), 2000);
  on_intent(id, "confirm", card("visa"));
  EXPECT_EQ(post(url, "amount=3000").error("code"), "payment_intent_unexpected_state");
  EXPECT_EQ(post(url, "description=Paid").text("/description"), "Paid");
}

TEST_F(PaymentIntents, are_found_by_status_and_metadata) {
  pay(card("visa"), "metadata[order]=7");
  auto const wanted = pay(card("visa"), "metadata[order]=8").text("/id");
  create("metadata[order]=8");
  auto const found = get("/v1/payment_intents/search?query=status:'succeeded'%20AND%20metadata['order']:'8'");
  ASSERT_EQ(found.at("/data").as_array().size(), 1U) << found.response.body;
  EXPECT_EQ(found.text("/data/0/id"), wanted);
}

TEST_F(PaymentIntents, say_what_the_customer_has_to_do) {
  open({.address = "http://gateway.example"});
  auto const redirected = pay(card("authenticationRequired"), "return_url=https%3A%2F%2Fshop.example%2Fback");
  EXPECT_EQ(redirected.text("/next_action/type"), "redirect_to_url");
  auto const page = "http://gateway.example/_sandbox/pay/" + redirected.text("/id");
  EXPECT_EQ(redirected.text("/next_action/redirect_to_url/url"), page);
  EXPECT_EQ(pay(card("authenticationRequired")).text("/next_action/type"), "use_stripe_sdk");
  auto const absent = pay(card("authenticationRequired"), "off_session=true");
  EXPECT_EQ(absent.status(), 402);
  EXPECT_EQ(absent.error("code"), "authentication_required");

  auto const scanned = pay(pix);
  EXPECT_TRUE(scanned.text("/next_action/pix_display_qr_code/data").starts_with("000201"));
  EXPECT_EQ(scanned.at("/next_action/pix_display_qr_code/expires_at").as_int64(), 1'800'000'000 + 4 * 60 * 60);
  EXPECT_EQ(pay(boleto).text("/next_action/boleto_display_details/number").size(), 47U);
}

}  // namespace
}  // namespace balcao::test

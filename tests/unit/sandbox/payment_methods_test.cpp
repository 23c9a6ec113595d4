#include "payments_fixture.hpp"

namespace balcao::test {
namespace {

class PaymentMethods : public PaymentsTest {};

TEST_F(PaymentMethods, of_test_cards_need_not_be_made) {
  EXPECT_EQ(get("/v1/payment_methods/pm_card_visa").text("/card/last4"), "4242");
  EXPECT_EQ(get("/v1/payment_methods/pm_card_visa_chargeDeclined").text("/card/last4"), "0002");
  EXPECT_EQ(get("/v1/payment_methods/pm_card_unknown").status(), 404);
  EXPECT_EQ(post("/v1/payment_methods", "type=card&card[token]=tok_chargeDeclined").text("/card/last4"), "0002");
  EXPECT_EQ(post("/v1/payment_methods", "type=card&card[token]=tok_unknown").error("code"), "resource_missing");
  EXPECT_EQ(post("/v1/payment_methods", "type=card&card[number]=4242424242424242").status(), 400);
  EXPECT_EQ(post("/v1/payment_methods", "type=cheque").error("param"), "type");
}

TEST_F(PaymentMethods, belong_to_one_customer_at_a_time) {
  auto const ana = new_customer();
  auto const bia = new_customer();
  auto const id = post("/v1/payment_methods", "type=card&card[token]=tok_visa").text("/id");
  auto const url = "/v1/payment_methods/" + id;
  EXPECT_EQ(post(url + "/detach").status(), 400);
  EXPECT_EQ(post(url + "/attach", "customer=cus_unknown").error("param"), "customer");
  EXPECT_EQ(post(url + "/attach", "customer=" + ana).text("/customer"), ana);
  EXPECT_EQ(post(url + "/attach", "customer=" + bia).error("code"), "payment_method_unexpected_state");
  EXPECT_EQ(post(url + "/detach").status(), 200);
  EXPECT_EQ(post(url + "/attach", "customer=" + bia).text("/customer"), bia);
}

TEST_F(PaymentMethods, are_kept_where_they_are_to_be_used_again) {
  auto const customer = new_customer();
  auto const paid = pay(card("visa"), "setup_future_usage=off_session&customer=" + customer);
  EXPECT_EQ(get("/v1/payment_methods/" + paid.text("/payment_method")).text("/customer"), customer);
  auto const again = pay("payment_method=" + paid.text("/payment_method"), "off_session=true&customer=" + customer);
  EXPECT_EQ(again.text("/status"), "succeeded");
}

}  // namespace
}  // namespace balcao::test

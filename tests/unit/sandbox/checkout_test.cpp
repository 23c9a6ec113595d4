#include "payments_fixture.hpp"

namespace balcao::test {
namespace {

using namespace std::chrono_literals;

class Checkout : public PaymentsTest {
 protected:
  std::string open_session(std::string more = {}) {
    auto const made = post("/v1/checkout/sessions",
                           "mode=payment&success_url=http://shop.example/&line_items[0][quantity]=1"
                           "&line_items[0][price_data][currency]=brl&line_items[0][price_data][unit_amount]=1000"
                           "&line_items[0][price_data][product_data][name]=Bolo&" +
                               std::move(more));
    EXPECT_EQ(made.status(), 200) << made.response.body;
    return made.text("/id");
  }
  Answer session(std::string const& id) { return get("/v1/checkout/sessions/" + id); }
  std::string press(std::string const& id, std::string way) {
    return post("/_sandbox/checkout/" + id, "method=" + std::move(way)).header("Location");
  }
};

TEST_F(Checkout, is_over_after_a_day_with_what_was_begun) {
  auto const id = open_session();
  press(id, "pix");
  auto const intent_id = session(id).text("/payment_intent");
  wait(24h - 1s);  // the Pix has expired after four hours
  EXPECT_EQ(session(id).text("/status"), "open");
  EXPECT_EQ(status_of_intent(intent_id), "requires_payment_method");
  wait(2s);
  EXPECT_EQ(session(id).text("/status"), "expired");
  EXPECT_TRUE(session(id).at("/url").is_null());
  EXPECT_EQ(status_of_intent(intent_id), "canceled");
  EXPECT_EQ(get("/v1/events").text("/data/0/type"), "checkout.session.expired");
}

TEST_F(Checkout, lives_for_as_long_as_was_said) {
  auto const end = std::chrono::floor<std::chrono::seconds>(clock.now() + 30min).time_since_epoch().count();
  auto const id = open_session("expires_at=" + std::to_string(end));
  wait(31min);
  EXPECT_EQ(session(id).text("/status"), "expired");
}

TEST_F(Checkout, that_is_complete_does_not_expire) {
  auto const id = open_session();
  EXPECT_EQ(press(id, "card"), "http://shop.example/");
  wait(25h);
  EXPECT_EQ(session(id).text("/status"), "complete");
}

TEST_F(Checkout, is_paid_once_by_many_at_once) {
  auto const id = open_session();
  std::vector<Sent> const presses(6, {"POST", "/_sandbox/checkout/" + id, "method=card"});
  send_at_once(presses);
  EXPECT_EQ(session(id).text("/payment_status"), "paid");
  EXPECT_EQ(get("/v1/charges").at("/data").as_array().size(), 1u);
  EXPECT_EQ(get("/v1/payment_intents").at("/data").as_array().size(), 1u);
  EXPECT_EQ(get("/v1/events?type=checkout.session.completed").at("/data").as_array().size(), 1u);
}

TEST_F(Checkout, takes_only_the_ways_that_it_offers) {
  auto const id = open_session("payment_method_types[]=card");
  EXPECT_EQ(press(id, "pix"), "/_sandbox/checkout/" + id);
  EXPECT_EQ(press(id, "cash"), "/_sandbox/checkout/" + id);
  EXPECT_TRUE(session(id).at("/payment_intent").is_null());
  EXPECT_EQ(count_events(), 0u);
}

TEST_F(Checkout, is_told_when_a_boleto_is_paid_by_itself) {
  auto const id = open_session("customer_email=ana.succeed_immediately%40example.com");
  press(id, "boleto");
  EXPECT_EQ(session(id).text("/status"), "complete");
  EXPECT_EQ(session(id).text("/payment_status"), "unpaid");
  wait(0s);
  wait(2s);
  EXPECT_EQ(session(id).text("/payment_status"), "paid");
  EXPECT_EQ(get("/v1/events?type=checkout.session.*").text("/data/0/type"), "checkout.session.async_payment_succeeded");
}

}  // namespace
}  // namespace balcao::test

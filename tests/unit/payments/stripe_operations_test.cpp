#include <map>

#include "payments/gateway/stripe.hpp"

#include "../platform/http/live_server.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;

/// A gateway that gives a fixed answer for each method and path, and notes what it is asked.
class StripeOperationsTest : public testing::Test {
 protected:
  StripeOperationsTest()
      : server_([this](Request const& request) { return answer(request); }),
        gateway(make_stripe({.api_base = server_.server().address(), .secret_key = "sk_test_1"})) {}

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    auto const keep = [](Task<T> asked, std::optional<T>& kept) -> Task<> { kept.emplace(co_await std::move(asked)); };
    run_to_end(loop_, keep(std::move(task), result));
    return std::move(*result);
  }
  void run(Task<> task) { run_to_end(loop_, std::move(task)); }

  /// The answers to `POST /v1/…`, one after the other; the last one stays.
  std::map<std::string, std::vector<std::pair<int, std::string>>> answers;
  std::vector<std::string> asked;

 private:
  Task<Response> answer(Request const& request) {
    asked.push_back(std::string(request.method_name) + ' ' + std::string(request.target) +
                    (request.body.empty() ? "" : ' ' + std::string(request.body)));
    auto& left = answers[std::string(request.method_name) + ' ' + std::string(request.path)];
    if (left.empty()) co_return Response{404, "application/json", {}, R"({"error":{"code":"resource_missing"}})"};
    auto const [status, body] = left.front();
    if (left.size() > 1) left.erase(left.begin());
    co_return Response{status, "application/json", {}, body};
  }

  boost::asio::io_context loop_;  // outlives the connections that are kept on it
  http::test::LiveServer server_;

 protected:
  std::unique_ptr<Gateway> gateway;
};

TEST_F(StripeOperationsTest, MakesAnIntentWithoutConfirmingIt) {
  answers["POST /v1/payment_intents"] = {{200, R"({"id":"pi_1","status":"requires_confirmation","currency":"brl"})"}};
  NewIntent intent{.amount = 1990, .currency = "BRL", .payment_id = "p-1", .method_type = "card"};
  intent.payment_method = "pm_card_visa";
  intent.manual_capture = true;
  auto const made = run(gateway->create_intent(intent, "pi-p-1"));
  EXPECT_EQ(made.id, "pi_1");
  EXPECT_EQ(made.status, Intent::Status::requires_confirmation);
  EXPECT_EQ(made.currency, "BRL");
  EXPECT_EQ(asked.back(),
            "POST /v1/payment_intents amount=1990&currency=brl&metadata[payment_id]=p-1&payment_method_types[0]=card"
            "&capture_method=manual&payment_method=pm_card_visa"
            "&expand[0]=latest_charge.balance_transaction&expand[1]=payment_method");
}

TEST_F(StripeOperationsTest, AListThatDoesNotEndIsGivenUp) {
  answers["GET /v1/events"] = {{200, R"({"data":[{"id":"evt_1","type":"charge.succeeded"}],"has_more":true})"}};
  EXPECT_THROW(run(gateway->list_events({}, std::nullopt, true)), GatewayRefused);
  EXPECT_EQ(asked.size(), 500U);
}

TEST_F(StripeOperationsTest, TellsBoletoWhoPays) {
  answers["POST /v1/payment_intents"] = {{200, R"({"id":"pi_1","status":"requires_confirmation"})"}};
  NewIntent intent{.amount = 1990, .currency = "BRL", .payment_id = "p-1", .method_type = "boleto"};
  intent.billing = Billing{"Ana", "ana@example.com", "000.000.000-00", "Rua 1", "São Paulo", "SP", "01310-100"};
  run(gateway->create_intent(intent, "pi-p-1"));
  for (auto const* part : {"payment_method_types[0]=boleto", "payment_method_data[type]=boleto",
                           "payment_method_data[boleto][tax_id]=000.000.000-00",
                           "payment_method_data[billing_details][address][country]=BR",
                           "payment_method_data[billing_details][email]=ana%40example.com"}) {
    EXPECT_TRUE(asked.back().contains(part)) << part;
  }
}

TEST_F(StripeOperationsTest, ADeclineIsAnAnswer) {
  answers["POST /v1/payment_intents/pi_1/confirm"] = {
      {402, R"({"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds",
        "payment_intent":{"id":"pi_1","status":"requires_payment_method","last_payment_error":{"code":"card_declined",
        "decline_code":"insufficient_funds","message":"m","payment_method":{"type":"card"}}}}})"}};
  auto const declined = run(gateway->confirm_intent("pi_1", "pm_1", "https://shop.example/back", "cf-1"));
  EXPECT_EQ(declined.status, Intent::Status::requires_payment_method);
  ASSERT_TRUE(declined.last_error);
  EXPECT_EQ(declined.last_error->decline_code, "insufficient_funds");
  EXPECT_EQ(declined.method, "card");
  EXPECT_TRUE(asked.back().contains("payment_method=pm_1&return_url=https%3A%2F%2Fshop.example%2Fback"));
}

TEST_F(StripeOperationsTest, ARefusalSaysWhatRulesNeed) {
  answers["POST /v1/payment_intents/pi_1/capture"] = {
      {400, R"({"error":{"type":"invalid_request_error","code":"payment_intent_unexpected_state","message":"m",
        "param":"amount_to_capture","payment_intent":{"id":"pi_1","status":"canceled"}}})"}};
  try {
    run(gateway->capture_intent("pi_1", 5, "cp-1"));
    FAIL();
  } catch (GatewayRefused const& refused) {
    EXPECT_EQ(refused.fault().status, 400);
    EXPECT_EQ(refused.code(), "payment_intent_unexpected_state");
    EXPECT_EQ(refused.fault().param, "amount_to_capture");
    EXPECT_EQ(refused.fault().intent, "pi_1");
  }
}

TEST_F(StripeOperationsTest, ReadsWhatIsThereAndLeavesTheRest) {
  answers["GET /v1/payment_intents/pi_1"] = {{200, R"({"id":"pi_1","status":"succeeded","amount":1990,
    "amount_received":1990,"currency":"brl","created":1700000000,"metadata":{"payment_id":"p-1"},"new_member":[{}],
    "payment_method":{"id":"pm_1","type":"pix"},"client_secret":"s",
    "next_action":{"type":"something_new","x":{"secret":1}},
    "latest_charge":{"id":"ch_1","amount_captured":1990,"amount_refunded":90,
      "balance_transaction":{"id":"txn_1","fee":79}}})"}};
  auto const intent = run(gateway->find_intent("pi_1"));
  ASSERT_TRUE(intent);
  EXPECT_EQ(intent->payment_id, "p-1");
  EXPECT_EQ(intent->method, "pix");
  ASSERT_TRUE(intent->charge);
  EXPECT_EQ(intent->charge->fee, 79);
  EXPECT_EQ(intent->charge->amount_refunded, 90);
  EXPECT_EQ(intent->created_at, Time(1'700'000'000s));
  EXPECT_EQ(intent->next_action, (json::Object{{"type", "something_new"}}));

  answers["GET /v1/payment_intents/pi_2"] = {
      {200, R"({"id":"pi_2","status":"dancing","amount":"x","created":-1,"metadata":[],"payment_method":"pm_1",
        "latest_charge":"ch_2","last_payment_error":null,"next_action":{"type":"redirect_to_url",
        "redirect_to_url":{"url":"https://a.example","return_url":null,"new":1}}})"}};
  auto const odd = run(gateway->find_intent("pi_2"));
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->status, Intent::Status::processing) << "not final, so it will be asked about again";
  EXPECT_EQ(odd->charge->id, "ch_2");
  EXPECT_FALSE(odd->charge->fee || odd->method || odd->last_error);
  EXPECT_EQ(odd->next_action->at("redirect_to_url").as_object().size(), 2U);
}

TEST_F(StripeOperationsTest, WhatIsNotThereIsNone) {
  EXPECT_FALSE(run(gateway->find_intent("pi_1")));
  EXPECT_FALSE(run(gateway->find_refund("re_1")));
  EXPECT_FALSE(run(gateway->get_customer("")));
  EXPECT_FALSE(run(gateway->find_dispute("../customers?x=1#")));
  EXPECT_EQ(asked.back(), "GET /v1/disputes/%2E%2E%2Fcustomers%3Fx%3D1%23");
}

TEST_F(StripeOperationsTest, ListsWholePageByPage) {
  answers["GET /v1/refunds"] = {
      {200, R"({"has_more":true,"data":[{"id":"re_3","metadata":{}},{"id":"re_2","metadata":{"refund_id":"r-2"}}]})"},
      {200, R"({"has_more":false,"data":[{"id":"re_1","status":null,"metadata":{"refund_id":"r-1"}}]})"}};
  auto const all = run(gateway->list_refunds("pi_1"));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[2].status, GatewayRefund::Status::pending);
  EXPECT_EQ(asked, (std::vector<std::string>{"GET /v1/refunds?payment_intent=pi_1&limit=100",
                                             "GET /v1/refunds?payment_intent=pi_1&limit=100&starting_after=re_2"}));
  answers["GET /v1/refunds"] = {{200, R"({"has_more":true,"data":[{"id":"re_2","metadata":{"refund_id":"r-2"}}]})"}};
  EXPECT_EQ(run(gateway->find_refund_of("pi_1", "r-2"))->id, "re_2");
  EXPECT_EQ(asked.size(), 3U) << "it is found, so no page more";
}

TEST_F(StripeOperationsTest, LooksForACheckoutNoFurtherThanItCanBe) {
  answers["GET /v1/checkout/sessions"] = {
      {200, R"({"has_more":true,"data":[{"id":"cs_3","created":1700000900,"metadata":{"payment_id":"p-3"}},
        {"id":"cs_2","created":1699990000,"metadata":{"payment_id":"p-2"}}]})"}};
  EXPECT_FALSE(run(gateway->find_checkout_of("p-9", Time(1'700'000'000s))));
  EXPECT_EQ(asked.size(), 1U);
  EXPECT_EQ(run(gateway->find_checkout_of("p-3", Time(1'700'000'000s)))->id, "cs_3");
}

TEST_F(StripeOperationsTest, ACheckoutThatIsNotOpenNeedsNoExpiring) {
  answers["POST /v1/checkout/sessions/cs_1/expire"] = {{400, R"({"error":{"message":"only open ones"}})"}};
  answers["GET /v1/checkout/sessions/cs_1"] = {{200, R"({"id":"cs_1","status":"complete","payment_status":"paid"})"}};
  run(gateway->expire_checkout("cs_1", "ex-1"));
  answers["GET /v1/checkout/sessions/cs_1"] = {{200, R"({"id":"cs_1","status":"open"})"}};
  EXPECT_THROW(run(gateway->expire_checkout("cs_1", "ex-1")), GatewayRefused);
}

TEST_F(StripeOperationsTest, AnEventSaysWhatItIsAbout) {
  answers["GET /v1/events"] = {{200, R"({"has_more":false,"data":[
    {"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"object":"payment_intent","id":"pi_1"}}},
    {"id":"evt_2","type":"charge.refunded","data":{"object":{"object":"charge","id":"ch_1","payment_intent":"pi_1"}}},
    {"id":"evt_3","type":"payout.paid","data":{"object":{"object":"payout","id":"po_1"}}}]})"}};
  auto const events = run(gateway->list_events(Time(1'700'000'000s), "payment_intent.*", true));
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].intent, "pi_1");
  EXPECT_EQ(events[1].object_id + events[1].intent, "ch_1pi_1");
  EXPECT_EQ(events[2].intent, "");
  EXPECT_EQ(asked.back(),
            "GET /v1/events?created[gte]=1700000000&type=payment_intent.%2A&delivery_success=false&limit=100");
}

}  // namespace
}  // namespace balcao::payments

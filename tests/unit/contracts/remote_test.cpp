#include <atomic>

#include "../platform/base/manual_clock.hpp"
#include "../platform/base/tasks.hpp"
#include "../platform/http/live_server.hpp"
#include "contracts/auth.hpp"
#include "contracts/payments.hpp"
#include "contracts/products.hpp"
#include "contracts/service_tokens.hpp"
#include "platform/http/router.hpp"

namespace balcao::contracts {
namespace {

using namespace std::chrono_literals;

/// All services as they are in another process, behind the guard that they have there.
class Elsewhere final : public Auth, public Payments, public Products {
 public:
  explicit Elsewhere(ServiceTokens const& tokens)
      : guard_(tokens),
        router_(all(), guard_),
        server_([this](http::Request const& request) { return answer(request); }) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

  Task<EndedSessions> ended_sessions(EndedSessionsCursor from) override {
    auto const [since, after] = from;
    co_return EndedSessions{{{Uuid::make(since), since + 15min}}, since + 1s, "a digest", {{since + 2s, after}}};
  }
  Task<bool> is_open(Uuid session, http::Trace trace) override {
    seen_trace = trace;
    co_return session == open_session;
  }
  Task<KeySet> key_set() override { co_return KeySet{{"https://a.example", "http://b:8080"}, R"({"keys":[]})"}; }
  Task<> ensure_customer(NewUser user) override {
    new_user = std::move(user);
    co_return;
  }
  Task<> forget_user(Uuid user) override {
    forgotten = user;
    co_return;
  }
  Task<Account> account_of(Uuid user, http::Trace) override {
    co_return Account{Customer{user, "active", "cus_1", Time{1s}}, {{user, 1990, "BRL", "succeeded", Time{2s}}}};
  }

  Task<Settlement> pay_order(Bill bill, PayWith with, std::optional<std::string> return_url) override {
    if (slow.count() > 0) co_await pause(slow);
    said = bill.description + ' ' + bill.currency + ' ' + std::to_string(bill.amount) + ' ' + with.method + ' ' +
           with.billing.value().city + ' ' + return_url.value_or("-");
    co_return Settlement{PaymentOfOrder{bill.order, "unknown", 0, 0, false, std::nullopt}, std::nullopt};
  }
  Task<Settlement> payment_of_order(Uuid order) override {
    co_return Settlement{PaymentOfOrder{order, "requires_payment_method", 5, 3, true, PaymentFault{"a", "b", "c"}},
                         std::nullopt};
  }
  Task<Settlement> call_off(Bill bill) override {
    co_return Settlement{PaymentOfOrder{bill.order, "canceled", 0, 0, false, std::nullopt}, std::nullopt};
  }
  Task<Settlement> refund_order(Uuid order, Uuid refund) override {
    refunded = {order, refund};
    co_return Settlement{std::nullopt, PaymentFault{"no_refund", "", "No."}};
  }
  Task<> order_changed(Uuid order) override {
    changed = order;
    co_return;
  }
  Task<std::optional<OrderToPay>> order_to_pay(Uuid, Uuid user) override {
    if (user != open_session) co_return std::nullopt;
    co_return OrderToPay{1990, "BRL", "Order", true, Time{3s}};
  }

  std::string said;
  std::pair<Uuid, Uuid> refunded;
  Uuid changed{};
  std::chrono::milliseconds slow{0};
  Uuid open_session{};
  http::Trace seen_trace;
  NewUser new_user;
  Uuid forgotten{};
  std::atomic<int> requests = 0;
  std::atomic<int> failures = 0;  ///< how many of the next requests fail
  std::string broken_answer;      ///< given instead, if there is one

 private:
  class ServicesOnly final : public http::Guard {
   public:
    explicit ServicesOnly(ServiceTokens const& tokens) : tokens_(tokens) {}
    Task<std::expected<http::Caller, Problem>> admit(http::Request const& request, http::Access access) override {
      auto const token = request.bearer_token();
      if (access.is(http::Access::service) && token && tokens_.verify(*token)) co_return http::Caller{};
      co_return std::unexpected(Problem(problems::unauthorized));
    }

   private:
    ServiceTokens const& tokens_;
  };

  http::Endpoints all() {
    auto endpoints = contracts::endpoints(static_cast<Auth&>(*this));
    std::ranges::move(contracts::endpoints(static_cast<Payments&>(*this)), std::back_inserter(endpoints));
    std::ranges::move(contracts::endpoints(static_cast<Products&>(*this)), std::back_inserter(endpoints));
    return endpoints;
  }

  Task<http::Response> answer(http::Request const& request) {
    ++requests;
    if (failures > 0) {
      --failures;
      co_return http::Response{503, {}, {}, {}};
    }
    if (!broken_answer.empty()) co_return http::Response{200, "application/json", {}, broken_answer};
    co_return co_await router_.handle(request);
  }

  ServicesOnly guard_;
  http::Router router_;
  http::test::LiveServer server_;
};

class ContractsTest : public balcao::test::LoopsTest {
 protected:
  static constexpr std::string_view service_key = "a service key of at least thirty-two bytes";

  balcao::test::ManualClock clock;
  ServiceTokens tokens{service_key, clock};
  Elsewhere elsewhere{tokens};
  std::unique_ptr<Auth> auth = remote_auth(elsewhere.url(), tokens);
  std::unique_ptr<Payments> payments = remote_payments(elsewhere.url(), tokens);
  std::unique_ptr<Products> products = remote_products(elsewhere.url(), tokens);
  Bill const bill{Uuid::make(clock.now()), Uuid::make(clock.now()), 1990, "BRL", "Order"};
  PayWith const boleto{"boleto", std::nullopt, Billing{"Ana", "ana@example.com", "1", "Rua", "São Paulo", "SP", "0"}};
  Uuid const id = Uuid::make(clock.now());
};

TEST_F(ContractsTest, CarryOrdersAndTheirPayments) {
  auto const paid = run(payments->pay_order(bill, boleto, "https://shop.example"));
  EXPECT_EQ(elsewhere.said, "Order BRL 1990 boleto São Paulo https://shop.example");
  EXPECT_EQ(paid.payment->id, bill.order);
  EXPECT_EQ(paid.payment->status, "unknown");

  auto const found = run(payments->payment_of_order(id)).payment.value();
  EXPECT_EQ(found.amount_captured, 5);
  EXPECT_EQ(found.amount_refunded, 3);
  EXPECT_TRUE(found.refund_pending);
  EXPECT_EQ(found.decline->decline_code, "b");

  EXPECT_EQ(run(payments->call_off(bill)).payment->status, "canceled");
  auto const refused = run(payments->refund_order(bill.order, id));
  EXPECT_EQ(elsewhere.refunded, std::pair(bill.order, id));
  EXPECT_FALSE(refused.payment);
  EXPECT_EQ(refused.refused->code, "no_refund");

  run(products->order_changed(id));
  EXPECT_EQ(elsewhere.changed, id);
  EXPECT_FALSE(run(products->order_to_pay(bill.order, id)));
  elsewhere.open_session = id;
  auto const to_pay = run(products->order_to_pay(bill.order, id)).value();
  EXPECT_EQ(to_pay.amount, 1990);
  EXPECT_TRUE(to_pay.payable);
  EXPECT_EQ(to_pay.expires_at, Time{3s});
}

TEST_F(ContractsTest, WaitLongerForWhatTheGatewayHasToSay) {
  elsewhere.slow = 1200ms;
  EXPECT_EQ(run(payments->pay_order(bill, boleto, std::nullopt)).payment->status, "unknown");
  EXPECT_EQ(elsewhere.requests, 1);
}

TEST_F(ContractsTest, CarryWhatIsSaidUnchanged) {
  auto const since = clock.now();
  auto const ended = run(auth->ended_sessions({since, id}));
  ASSERT_EQ(ended.sessions.size(), 1U);
  EXPECT_EQ(ended.sessions.front().until, since + 15min);
  EXPECT_EQ(ended.as_of, since + 1s);
  EXPECT_EQ(ended.keys, "a digest");
  EXPECT_EQ(ended.next, (EndedSessionsCursor{since + 2s, id}));

  auto const set = run(auth->key_set());
  EXPECT_EQ(set.issuers, (std::vector<std::string>{"https://a.example", "http://b:8080"}));
  EXPECT_EQ(set.keys, R"({"keys":[]})");

  elsewhere.open_session = id;
  EXPECT_TRUE(run(auth->is_open(id, {})));
  EXPECT_FALSE(run(auth->is_open(Uuid::make(clock.now()), {})));

  run(payments->ensure_customer({id, "ana"}));
  EXPECT_EQ(elsewhere.new_user.id, id);
  EXPECT_EQ(elsewhere.new_user.username, "ana");
  auto const account = run(payments->account_of(id, {}));
  ASSERT_TRUE(account.customer);
  EXPECT_EQ(account.customer->gateway_id, "cus_1");
  EXPECT_EQ(account.customer->created_at, Time{1s});
  ASSERT_EQ(account.payments.size(), 1U);
  EXPECT_EQ(account.payments.front().amount, 1990);
}

TEST_F(ContractsTest, PassTheTraceOn) {
  http::Trace const trace{"0af7651916cd43dd8448eb211c80319c", "request-7"};
  run(auth->is_open(id, trace));
  EXPECT_EQ(elsewhere.seen_trace.trace_id, trace.trace_id);
  EXPECT_EQ(elsewhere.seen_trace.request_id, trace.request_id);
}

TEST_F(ContractsTest, AskAgainWhenAnAnswerFails) {
  elsewhere.failures = 2;
  EXPECT_FALSE(run(auth->is_open(id, {})));
  EXPECT_EQ(elsewhere.requests, 3);
}

TEST_F(ContractsTest, GiveUpAfterThreeAttemptsAndLeaveAServiceInTroubleAlone) {
  elsewhere.failures = 1000;
  EXPECT_EQ(status(auth->is_open(id, {})), 503);
  EXPECT_EQ(elsewhere.requests, 3);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(status(auth->is_open(id, {})), 503);
  EXPECT_LT(elsewhere.requests, 30) << "each of 50 callers did not knock three times";
  elsewhere.failures = 0;
  run(balcao::test::until(
      [&]() -> Task<bool> { co_return !co_await balcao::test::failure_of(auth->is_open(id, {})); }));
}

TEST_F(ContractsTest, FailAtOnceWhereNobodyListens) {
  auto const nowhere = remote_auth("http://127.0.0.1:1", tokens);
  EXPECT_EQ(status(nowhere->is_open(id, {})), 503);
}

TEST_F(ContractsTest, AreClosedToOthers) {
  ServiceTokens const of_others("another service key, as long as the first", clock);
  EXPECT_EQ(status(remote_auth(elsewhere.url(), of_others)->is_open(id, {})), 503);
  EXPECT_EQ(status(remote_payments(elsewhere.url(), of_others)->account_of(id, {})), 503);
}

TEST_F(ContractsTest, TakeNoNonsenseForAnAnswer) {
  for (auto const* nonsense : {"{", "[]", "{}", R"({"open":"yes"})"}) {
    elsewhere.broken_answer = nonsense;
    EXPECT_EQ(status(auth->is_open(id, {})), 503) << nonsense;
  }
}

TEST_F(ContractsTest, SkipWhatANewerVersionAdds) {
  elsewhere.broken_answer = R"({"open":true,"since":"yesterday"})";
  EXPECT_TRUE(run(auth->is_open(id, {})));
}

TEST(ServiceTokens, AreDerivedFromTheSameSecretAlike) {
  EXPECT_EQ(derive_service_key("curto"), derive_service_key("curto"));
  EXPECT_NE(derive_service_key("curto"), derive_service_key("longo"));
  EXPECT_EQ(derive_service_key("curto").size(), 32U);
}

}  // namespace
}  // namespace balcao::contracts

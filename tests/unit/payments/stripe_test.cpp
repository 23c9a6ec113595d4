#include "payments/gateway/stripe.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>

#include "../platform/http/live_server.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;
using http::test::LiveServer;

/// What a call to the gateway came to.
Task<> create(Gateway& gateway, std::string& outcome) {
  try {
    outcome = co_await gateway.create_customer({"ana+x@example.com", "Ana & Zé", "id-1", Time{}}, "key-1");
  } catch (GatewayUnknown const&) {
    outcome = "unknown";
  } catch (GatewayRefused const& refused) {
    outcome = (refused.reason() == GatewayRefused::Reason::key ? "key: " : "request: ") + refused.code();
  }
}

Response json_answer(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {status, "application/json", std::move(headers), std::move(body)};
}

class StripeTest : public testing::Test {
 protected:
  std::string create_at(LiveServer& server) {
    boost::asio::io_context loop;  // outlives the connections that are kept on it
    auto const gateway = make_stripe({server.server().address(), "sk_test_1"});
    std::string outcome;
    run_to_end(loop, create(*gateway, outcome));
    return outcome;
  }
  std::string outcome_of(int status, std::string body) {
    auto const answer = [&](Request const&) -> Task<Response> { co_return json_answer(status, body); };
    LiveServer server(answer);
    return create_at(server);
  }
};

TEST_F(StripeTest, AsksAgainWithTheSameKey) {
  std::vector<std::string> asked;
  auto const answer = [&](Request const& request) -> Task<Response> {
    asked.push_back(std::string(request.header("Idempotency-Key").value_or("")) + ' ' + std::string(request.body));
    if (asked.size() == 1) co_return json_answer(500, "{}");
    co_return json_answer(200, R"({"id":"cus_1"})");
  };
  LiveServer server(answer);
  EXPECT_EQ(create_at(server), "cus_1");
  std::string const said = "key-1 email=ana%2Bx%40example.com&name=Ana%20%26%20Z%C3%A9&metadata[client_id]=id-1";
  EXPECT_EQ(asked, (std::vector{said, said}));
}

TEST_F(StripeTest, TellsARefusalFromWhatIsUnknown) {
  EXPECT_EQ(outcome_of(400, R"({"error":{"code":"email_invalid","message":"m"}})"), "request: email_invalid");
  EXPECT_EQ(outcome_of(401, R"({"error":{"message":"m"}})"), "key: ");
  EXPECT_EQ(outcome_of(429, R"({"error":{"code":"rate_limit"}})"), "unknown");
  EXPECT_EQ(outcome_of(200, R"({"object":"customer"})"), "unknown");
  EXPECT_EQ(outcome_of(200, "<html>"), "unknown");
  EXPECT_EQ(outcome_of(402, "[]"), "request: ");
}

TEST_F(StripeTest, ItsOwnLimitLeavesTheOutcomeToTheJob) {
  std::atomic<bool> open = false;
  auto const answer = [&](Request const&) -> Task<Response> {
    while (!open) co_await pause(1ms);
    co_return json_answer(200, R"({"id":"cus_1"})");
  };
  LiveServer server(answer);
  boost::asio::io_context loop;  // outlives the connections that are kept on it
  auto const gateway = make_stripe({server.server().address(), "sk_test_1"});
  std::vector<std::string> outcomes(101);
  for (auto& outcome : outcomes) {
    boost::asio::co_spawn(loop, create(*gateway, outcome), [&](std::exception_ptr fault) {
      if (fault) outcome = "threw";
      if (outcome == "unknown") open = true;
    });
  }
  auto const end = std::chrono::steady_clock::now() + 10s;
  while (loop.run_one_until(end) != 0) {
  }
  open = true;
  EXPECT_EQ(std::ranges::count(outcomes, "cus_1"), 100);
  EXPECT_EQ(std::ranges::count(outcomes, "unknown"), 1);
}

}  // namespace
}  // namespace balcao::payments

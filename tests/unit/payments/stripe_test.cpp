#include "payments/gateway/stripe.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <deque>

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
  } catch (GatewayUnknown const& unknown) {
    outcome = unknown.executed() == GatewayUnknown::Executed::no ? "not executed" : "unknown";
  } catch (GatewayRefused const& refused) {
    outcome = (refused.reason() == GatewayRefused::Reason::key ? "key: " : "request: ") + refused.code();
  }
}

Response json_answer(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {status, "application/json", std::move(headers), std::move(body)};
}

constexpr std::string_view customer = R"({"id":"cus_1","object":"customer"})";

/// A gateway that gives one answer after the other, and the last one for ever.
class StripeTest : public testing::Test {
 protected:
  /// What becomes of one call, and how often the gateway is asked.
  std::pair<std::string, int> outcome_of(std::deque<Response> answers) {
    asked = 0;
    auto const answer = [&](Request const&) -> Task<Response> {
      ++asked;
      auto const response = answers.front();
      if (answers.size() > 1) answers.pop_front();
      co_return response;
    };
    LiveServer server(answer);
    return {create_at(server.server().address()), asked};
  }
  std::string create_at(std::string const& address) {
    boost::asio::io_context loop;  // outlives the connections that are kept on it
    auto const gateway = make_stripe({.api_base = address, .secret_key = "sk_test_1"});
    std::string outcome;
    run_to_end(loop, create(*gateway, outcome));
    return outcome;
  }

  /// Several calls at once, each begun when the ones before it wait for the network.
  std::vector<std::string> create_together(Gateway& gateway, boost::asio::io_context& loop, std::size_t count) {
    std::vector<std::string> outcomes(count);
    for (auto& outcome : outcomes) {
      boost::asio::co_spawn(loop, create(gateway, outcome), [&outcome](std::exception_ptr fault) {
        if (fault) outcome = "threw";
      });
    }
    loop.restart();
    auto const end = std::chrono::steady_clock::now() + 20s;
    while (std::ranges::count(outcomes, "") > 0 && loop.run_one_until(end) != 0) {
    }
    return outcomes;
  }

  static std::string closed_address() {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::acceptor acceptor(loop, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  }

  std::atomic<int> asked = 0;
};

using Outcome = std::pair<std::string, int>;

TEST_F(StripeTest, AsksAgainWithTheSameKey) {
  std::vector<std::string> told;
  auto const answer = [&](Request const& request) -> Task<Response> {
    auto const field = [&](std::string_view name) { return std::string(request.header(name).value_or("")) + ' '; };
    told.push_back(field("Authorization") + field("Stripe-Version") + field("Idempotency-Key") +
                   std::string(request.body));
    if (told.size() == 1) co_return json_answer(500, "{}");
    co_return json_answer(200, std::string(customer));
  };
  LiveServer server(answer);
  EXPECT_EQ(create_at(server.server().address()), "cus_1");
  std::string const said =
      "Bearer sk_test_1 2026-10-28.endive key-1 "
      "email=ana%2Bx%40example.com&name=Ana%20%26%20Z%C3%A9&metadata[client_id]=id-1";
  EXPECT_EQ(told, (std::vector{said, said}));
}

TEST_F(StripeTest, TellsARefusalFromWhatIsUnknown) {
  EXPECT_EQ(outcome_of({json_answer(400, R"({"error":{"code":"email_invalid","message":"m"}})")}),
            Outcome("request: email_invalid", 1));
  EXPECT_EQ(outcome_of({json_answer(400, R"({"error":{"type":"idempotency_error","message":"m"}})")}),
            Outcome("request: idempotency_error", 1));
  EXPECT_EQ(outcome_of({json_answer(401, R"({"error":{"message":"m"}})")}), Outcome("key: ", 1));
  EXPECT_EQ(outcome_of({json_answer(200, R"({"object":"customer"})")}), Outcome("unknown", 1));
  EXPECT_EQ(outcome_of({json_answer(200, "<html>")}), Outcome("unknown", 1));
  EXPECT_EQ(outcome_of({json_answer(402, "[]")}), Outcome("request: ", 1));
}

TEST_F(StripeTest, TriesAgainAsTheGatewayAdvises) {
  auto const advice = [](char const* said) {
    return std::vector<std::pair<std::string, std::string>>{{"Stripe-Should-Retry", said}};
  };
  auto const good = json_answer(200, std::string(customer));
  EXPECT_EQ(outcome_of({json_answer(500, "{}", advice("false")), good}), Outcome("unknown", 1));
  EXPECT_EQ(outcome_of({json_answer(409, "{}", advice("false")), good}), Outcome("not executed", 1));
  EXPECT_EQ(outcome_of({json_answer(429, "{}"), good}), Outcome("not executed", 1));
  EXPECT_EQ(outcome_of({json_answer(429, "{}", advice("true")), good}), Outcome("cus_1", 2));
  EXPECT_EQ(outcome_of({json_answer(409, "{}"), good}), Outcome("cus_1", 2));
  EXPECT_EQ(outcome_of({json_answer(400, "{}", advice("true")), good}), Outcome("cus_1", 2));
}

TEST_F(StripeTest, SaysThatNothingWasDoneOnlyWhereThatIsSo) {
  EXPECT_EQ(create_at(closed_address()), "not executed");
  EXPECT_EQ(outcome_of({json_answer(409, "{}")}), Outcome("not executed", 3));
  EXPECT_EQ(outcome_of({json_answer(503, "{}"), json_answer(429, "{}")}), Outcome("unknown", 2));
  EXPECT_EQ(outcome_of({json_answer(409, R"({"error":{"code":"idempotency_key_in_use"}})")}), Outcome("unknown", 3));
  Response cut;
  cut.cut_off = true;
  EXPECT_EQ(outcome_of({cut}).first, "unknown");
  EXPECT_EQ(outcome_of({cut, json_answer(429, "{}")}).first, "unknown");
  EXPECT_EQ(outcome_of({cut, json_answer(401, "{}")}).first, "unknown");
}

TEST_F(StripeTest, WhatWasSentOnAConnectionThatEndedMayHaveBeenDone) {
  Response cut;
  cut.cut_off = true;
  std::deque<Response> answers{json_answer(200, std::string(customer)), cut, json_answer(429, "{}")};
  auto const answer = [&](Request const&) -> Task<Response> {
    auto response = answers.front();
    if (answers.size() > 1) answers.pop_front();
    co_return response;
  };
  LiveServer server(answer);
  boost::asio::io_context loop;  // outlives the connections that are kept on it
  auto const gateway = make_stripe({.api_base = server.server().address(), .secret_key = "sk_test_1"});
  std::string outcome;
  auto const twice = [&]() -> Task<> {
    co_await create(*gateway, outcome);
    EXPECT_EQ(outcome, "cus_1");
    co_await create(*gateway, outcome);
  };
  run_to_end(loop, twice());
  EXPECT_EQ(outcome, "unknown") << "the second answer is no word on what became of the first sending";
}

TEST_F(StripeTest, ItsOwnLimitLeavesTheOutcomeToTheJob) {
  std::atomic<int> waiting = 0;
  auto const answer = [&](Request const&) -> Task<Response> {
    ++waiting;
    while (waiting < 100) co_await pause(1ms);
    co_return json_answer(200, std::string(customer));
  };
  LiveServer server(answer);
  boost::asio::io_context loop;  // outlives the connections that are kept on it
  auto const gateway = make_stripe({.api_base = server.server().address(), .secret_key = "sk_test_1"});
  auto const outcomes = create_together(*gateway, loop, 101);
  EXPECT_EQ(std::ranges::count(outcomes, "cus_1"), 100);
  EXPECT_EQ(std::ranges::count(outcomes, "not executed"), 1);
}

TEST_F(StripeTest, LeavesAGatewayAloneThatFailsAgainAndAgain) {
  auto const answer = [&](Request const&) -> Task<Response> {
    ++asked;
    co_return json_answer(500, "{}", {{"Stripe-Should-Retry", "false"}});
  };
  LiveServer server(answer);
  boost::asio::io_context loop;  // outlives the connections that are kept on it
  auto const gateway = make_stripe({.api_base = server.server().address(), .secret_key = "sk_test_1"});
  EXPECT_EQ(create_together(*gateway, loop, 10), std::vector<std::string>(10, "unknown"));
  auto const outcomes = create_together(*gateway, loop, 10);
  EXPECT_GE(std::ranges::count(outcomes, "not executed"), 9) << "one may have gone out to try";
  EXPECT_LE(asked, 11);
}

TEST_F(StripeTest, RetriesDoNotMultiplyAnOverload) {
  auto const answer = [&](Request const&) -> Task<Response> {
    ++asked;
    co_return json_answer(409, "{}");  // which the breaker has nothing against
  };
  LiveServer server(answer);
  boost::asio::io_context loop;  // outlives the connections that are kept on it
  auto const gateway = make_stripe({.api_base = server.server().address(), .secret_key = "sk_test_1"});
  create_together(*gateway, loop, 50);
  EXPECT_LE(asked, 50 + 20 + 50 / 5);
}

}  // namespace
}  // namespace balcao::payments

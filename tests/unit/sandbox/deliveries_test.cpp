#include <deque>

#include "../platform/http/live_server.hpp"
#include "gateway_fixture.hpp"
#include "platform/crypto/hash.hpp"
#include "sandbox/webhooks/signature.hpp"

namespace balcao::test {
namespace {

using namespace std::chrono_literals;

/// The example of the documentation's own libraries: an HMAC that another program has made
/// (`printf '1492774577.{"id": "evt_1"}' | openssl dgst -sha256 -hmac whsec_test`).
TEST(Signature, is_over_the_time_and_the_body) {
  Time const then{1'492'774'577s};
  EXPECT_EQ(sandbox::webhooks::signature(R"({"id": "evt_1"})", "whsec_test", then),
            "t=1492774577,v1=952cd89626c79cd65f12880afd38333422a10b88ff71136627ceb92ccdb0132c");
}

/// A gateway that delivers to a receiver of ours.
class Deliveries : public GatewayTest {
 protected:
  struct Delivery {
    std::string id;
    std::string type;
    bool well_signed;
    Time at;
  };

  Deliveries() { listen(); }

  void listen() {
    open({.webhook = sandbox::WebhookTarget{
              "http://127.0.0.1:" + std::to_string(receiver.port()) + "/hook?from=gateway", "whsec_ours"}});
  }

  void fault(std::string kind, std::string more = {}, std::string match = "POST /v1/customers") {
    auto const answer =
        send({"POST", "/_sandbox/faults", R"({"match":")" + match + R"(","fault":")" + kind + "\"" + more + "}"});
    ASSERT_EQ(answer.status(), 200) << answer.response.body;
  }

  /// Runs the gateway's jobs, while time goes on in steps, until so many deliveries have arrived.
  void run_until_delivered(std::size_t count) {
    run_jobs([this, count] {
      clock.advance(50ms);
      gateway->jobs().wake();
      return received().size() >= count;
    });
  }

  /// … and until nothing is left to be delivered.
  void run_until_done() {
    auto const nothing_pending = [this]() -> Task<bool> {
      static constexpr db::Statement count{
          "test_count_pending", "SELECT count(*) FROM sandbox.jobs WHERE kind = 'webhook' AND done_at IS NULL"};
      clock.advance(50ms);
      gateway->jobs().wake();
      auto const rows = co_await database->query(count);
      co_return rows.front().get<std::int64_t>(0) == 0;
    };
    auto const stop_then = [](jobs::Jobs& jobs, std::function<Task<bool>()> when) -> Task<> {
      auto const failure = co_await failure_of(until(std::move(when)));
      jobs.stop();
      if (failure) std::rethrow_exception(failure);
    };
    run_beside_jobs(stop_then(gateway->jobs(), nothing_pending));
  }

  std::vector<Delivery> received() {
    std::lock_guard const lock(mutex);
    return deliveries;
  }
  std::vector<std::string> received_types() {
    std::vector<std::string> types;
    for (auto const& delivery : received()) types.push_back(delivery.type);
    return types;
  }

  std::mutex mutex;
  std::vector<Delivery> deliveries;
  std::deque<int> statuses;  ///< of the next answers; then 200

 private:
  void run_jobs(std::function<bool()> condition) {
    auto const stop_then = [](jobs::Jobs& jobs, std::function<bool()> when) -> Task<> {
      auto const failure = co_await failure_of(until(std::move(when)));
      jobs.stop();
      if (failure) std::rethrow_exception(failure);
    };
    run_beside_jobs(stop_then(gateway->jobs(), std::move(condition)));
  }

  void run_beside_jobs(Task<> task) {
    std::vector<Task<>> both;
    both.push_back(gateway->jobs().run());
    both.push_back(std::move(task));
    for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  }

  Task<http::Response> receive(http::Request const& request) {
    std::string const body(request.body);
    std::string const signature(request.header("Stripe-Signature").value_or(""));
    auto const event = json::parse(body).value();
    auto const colon = signature.find(',');
    Time const signed_at{std::chrono::seconds(std::stoll(signature.substr(2, colon - 2)))};
    bool const well_signed = signature == sandbox::webhooks::signature(body, "whsec_ours", signed_at);
    std::lock_guard const lock(mutex);
    deliveries.push_back({std::string(event.at("id").as_string()), std::string(event.at("type").as_string()),
                          well_signed && request.target == "/hook?from=gateway", clock.now()});
    http::Response response;
    if (!statuses.empty()) {
      response.status = statuses.front();
      statuses.pop_front();
    } else if (!well_signed) {
      response.status = 400;
    }
    co_return response;
  }

  http::test::LiveServer receiver{[this](http::Request const& request) { return receive(request); }};
};

TEST_F(Deliveries, are_signed_and_count_down) {
  new_customer("name=Ana");
  EXPECT_EQ(get("/v1/events").at("/data/0/pending_webhooks"), 1);
  run_until_done();
  ASSERT_EQ(received().size(), 1u);
  EXPECT_TRUE(received().front().well_signed);
  auto const event = get("/v1/events?delivery_success=true").at("/data/0");
  EXPECT_EQ(received().front().id, std::string(event.at("id").as_string()));
  EXPECT_EQ(event.at("pending_webhooks"), 0);
}

TEST_F(Deliveries, are_repeated_until_they_are_taken) {
  statuses = {500, 302, 404};
  new_customer();
  run_until_done();
  auto const all = received();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_GE(all[1].at - all[0].at, 1s);
  EXPECT_LE(all[1].at - all[0].at, 3s);
  EXPECT_GE(all[2].at - all[1].at, 2s);
  EXPECT_GE(all[3].at - all[2].at, 4s);
  for (auto const& delivery : all) EXPECT_EQ(delivery.id, all[0].id);
}

TEST_F(Deliveries, end_after_three_days) {
  statuses = std::deque<int>(5, 500);
  new_customer();
  run_until_delivered(1);
  clock.advance(72h + 1s);
  listen();
  run_until_done();
  EXPECT_EQ(received().size(), 1u);
  EXPECT_EQ(get("/v1/events?delivery_success=false").at("/data/0/pending_webhooks"), 1);
}

TEST_F(Deliveries, outlive_a_restart) {
  new_customer();
  listen();
  run_until_done();
  EXPECT_EQ(received().size(), 1u);
}

TEST_F(Deliveries, end_with_the_endpoint) {
  auto const endpoint = post("/v1/webhook_endpoints", "url=http://127.0.0.1:9/&enabled_events[]=*").text("/id");
  new_customer();
  EXPECT_EQ(get("/v1/events").at("/data/0/pending_webhooks"), 2);
  del("/v1/webhook_endpoints/" + endpoint);
  run_until_done();
  EXPECT_EQ(get("/v1/events").at("/data/0/pending_webhooks"), 0);
}

TEST_F(Deliveries, can_come_twice) {
  fault("webhook_twice");
  new_customer();
  run_until_done();
  ASSERT_EQ(received().size(), 2u);
  EXPECT_EQ(received()[0].id, received()[1].id);
}

TEST_F(Deliveries, can_come_late) {
  fault("webhook_late", R"(,"delay_ms":5000)");
  auto const before = clock.now();
  new_customer();
  EXPECT_EQ(clock.now(), before);
  auto const id = new_customer();
  run_until_done();
  ASSERT_EQ(received().size(), 2u);
  EXPECT_EQ(get("/v1/events/" + received()[0].id).text("/data/object/id"), id);
  EXPECT_GE(received()[1].at - before, 5s);
}

TEST_F(Deliveries, can_be_signed_badly_at_first) {
  fault("webhook_bad_signature");
  new_customer();
  run_until_done();
  ASSERT_EQ(received().size(), 2u);
  EXPECT_FALSE(received()[0].well_signed);
  EXPECT_TRUE(received()[1].well_signed);
}

TEST_F(Deliveries, faults_hit_with_a_probability_that_can_be_repeated) {
  auto const statuses_with = [&](std::string seed) {
    send({"DELETE", "/_sandbox/faults"});
    fault("error_500", R"(,"times":1000,"probability":0.3,"seed":)" + seed);
    std::string hits;
    for (int i = 0; i < 60; ++i) hits += post("/v1/customers").status() == 500 ? 'x' : '.';
    return hits;
  };
  auto const hits = statuses_with("7");
  EXPECT_GT(std::ranges::count(hits, 'x'), 6);
  EXPECT_LT(std::ranges::count(hits, 'x'), 36);
  EXPECT_EQ(statuses_with("7"), hits);
  EXPECT_NE(statuses_with("8"), hits);
  auto const refused = [&](std::string probability) {
    auto const document = R"({"match":"POST /v1/customers","fault":"delay","probability":)" + probability + "}";
    return send({"POST", "/_sandbox/faults", document}).status();
  };
  for (auto const* probability : {"-0.1", "1.1", "\"1\"", "null"}) EXPECT_EQ(refused(probability), 400) << probability;
}

}  // namespace
}  // namespace balcao::test

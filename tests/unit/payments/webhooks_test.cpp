#include "payments/migrations.hpp"
#include "payments/webhooks/deliveries.hpp"
#include "payments/webhooks/schedule.hpp"

#include "../platform/db/database_fixture.hpp"
#include "../platform/http/live_server.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;
using http::test::LiveServer;

/// What an endpoint was sent.
struct Received {
  std::string target;
  std::string id;
  std::string timestamp;
  std::string signature;
  std::string body;
};

/// Endpoints on a server of this machine that answers as the test says, and what is delivered to them.
class WebhooksTest : public balcao::test::DatabaseTest {
 protected:
  WebhooksTest() { restart(); }

  /// As after a restart of the program.
  void restart(WebhookSettings wanted = {}) {
    deliveries.reset();
    endpoints.reset();
    settings = std::move(wanted);
    secrets.emplace(settings.encryption_keys);
    endpoints.emplace(WebhookEndpoints::Ground{store, messages, *secrets, settings, clock});
    deliveries.emplace(WebhookDeliveries::Ground{store, *endpoints, messages, *secrets, settings, clock});
  }

  WebhookEndpoints::WithSecret make(Actor actor, std::string const& path = "/hook", bool everyone = false) {
    auto const url = "http://127.0.0.1:" + std::to_string(server.port()) + path;
    return run(endpoints->create(actor, {WebAddress::parse(url).value(), "", {}, everyone}));
  }

  void happens(Id<Owner> owner, std::string_view type = message_types::payment_succeeded) {
    run(database->batch(messages.calls({owner, std::string(type), {{"amount", 5000}}})));
    messages.wake();
  }

  /// Delivers until the condition holds.
  void deliver_until(std::function<Task<bool>()> condition) {
    auto const stop_then = [&]() -> Task<> {
      auto const failure = co_await balcao::test::failure_of(balcao::test::until(condition));
      deliveries->stop();
      if (failure) std::rethrow_exception(failure);
    };
    std::vector<Task<>> both;
    both.push_back(deliveries->run());
    both.push_back(stop_then());
    for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
    restart(settings);
  }
  void deliver_until(std::function<bool(Delivery const&)> condition, Id<WebhookEndpoint> endpoint) {
    deliver_until([&]() -> Task<bool> {
      auto const all = co_await endpoints->deliveries(administrator, {endpoint, {}, 100, {}});
      co_return std::ranges::all_of(all, condition);
    });
  }

  std::vector<Delivery> told(Id<WebhookEndpoint> endpoint) {
    return run(endpoints->deliveries(administrator, {endpoint, {}, 100, {}}));
  }
  WebhookEndpoint look(Id<WebhookEndpoint> endpoint) { return run(endpoints->find(administrator, endpoint)); }

  std::size_t count() {
    std::lock_guard const lock(mutex);
    return received.size();
  }

  template <class T>
  std::string problem(Task<T> task) {
    try {
      if (auto const failure = run(balcao::test::failure_of(std::move(task)))) std::rethrow_exception(failure);
    } catch (Problem const& thrown) {
      return std::string(thrown.type().code);
    }
    return "none";
  }

  static bool is_delivered(Delivery const& delivery) { return delivery.status == "delivered"; }

  std::mutex mutex;
  std::vector<Received> received;
  std::atomic<int> status = 200;
  std::atomic<int> retry_after = 0;
  std::atomic<bool> silent = false;  ///< no answer comes
  std::atomic<bool> slow_is_silent = false;
  int told_bia = 0;
  LiveServer server{[this](Request const& request) -> Task<Response> {
    auto const field = [&](std::string_view name) { return std::string(request.header(name).value_or("")); };
    {
      std::lock_guard const lock(mutex);
      received.push_back({std::string(request.target), field("webhook-id"), field("webhook-timestamp"),
                          field("webhook-signature"), std::string(request.body)});
    }
    while (silent || (slow_is_silent && request.target.starts_with("/slow"))) co_await pause(1ms);
    Response response{status, "text/plain", {}, "thanks"};
    if (retry_after > 0) response.header("Retry-After", std::to_string(retry_after));
    co_return response;
  }};

  balcao::test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("payments", migrations, clock.now());
  WebhookStore store{*database};
  jobs::Jobs jobs{*database, "payments", clock};
  Messages messages{jobs, clock};
  WebhookSettings settings;
  std::optional<WebhookSecrets> secrets;
  std::optional<WebhookEndpoints> endpoints;
  std::optional<WebhookDeliveries> deliveries;
  Actor const ana{Id<Owner>::make(clock.now()), false};
  Actor const bia{Id<Owner>::make(clock.now()), false};
  Actor const administrator{Id<Owner>::make(clock.now()), true};
};

TEST(Webhooks, AreSignedAsStandardWebhooksHasIt) {
  // The vector of the reference libraries' tests.
  Time const at{std::chrono::seconds(1614265330)};
  std::string const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  std::string const signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
  auto const sign = [&](std::vector<std::string> const& secrets) {
    return sign_webhook(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, R"({"test": 2432232314})");
  };
  EXPECT_EQ(sign({secret}), signature);
  EXPECT_EQ(webhook_timestamp(at + 999ms), "1614265330");

  auto const newer = WebhookSecrets::generate();
  EXPECT_EQ(newer.size(), 6 + 44U) << "32 bytes in base64";
  EXPECT_EQ(sign({newer, secret}), sign({newer}) + ' ' + signature);
  EXPECT_THROW(sign({"secret"}), std::invalid_argument);
}

TEST(Webhooks, AreRetriedForThreeDays) {
  EXPECT_EQ(webhook_retry_delay(1, 0, {}), 5s);
  EXPECT_EQ(webhook_retry_delay(1, 255, {}), 5498ms);
  EXPECT_EQ(webhook_retry_delay(9, 0, {}), 24h);
  EXPECT_EQ(webhook_retry_delay(10, 0, {}), std::nullopt);
  EXPECT_EQ(webhook_retry_delay(1, 0, 90s), 90s);
  EXPECT_EQ(webhook_retry_delay(2, 0, 90s), 5min) << "no sooner than we would";
  EXPECT_EQ(webhook_retry_delay(1, 0, 100h), 24h);
}

TEST(Webhooks, LeadOutsideOnlyWhereTheOperatorSaysSo) {
  WebhookSettings const strict{false, true, {}};
  for (auto const* url :
       {"https://example.com/hook", "https://8.8.8.8/", "https://[2606:4700::1111]/", "https://1.example/"}) {
    EXPECT_EQ(webhook_address_fault(url, strict).has_value(), false) << url;
  }
  for (auto const* url : {"http://example.com/hook", "https://127.0.0.1/", "https://localhost:8443/",
                          "https://a.localhost/", "https://10.1.2.3/", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
                          "https://169.254.169.254/", "https://2130706433/", "https://0/"}) {
    EXPECT_EQ(webhook_address_fault(url, strict).has_value(), true) << url;
    EXPECT_EQ(webhook_address_fault(url, {}).has_value(), false) << url;
  }
}

TEST_F(WebhooksTest, TellAnEndpointWhatHappened) {
  auto const made = make(ana, "/hook?source=balcao");
  happens(ana.id);
  deliver_until(is_delivered, made.endpoint.id);

  ASSERT_EQ(received.size(), 1U);
  auto const& [target, id, timestamp, signature, body] = received.front();
  auto const delivery = told(made.endpoint.id).at(0);
  EXPECT_EQ(target, "/hook?source=balcao");
  EXPECT_EQ(id, delivery.id.str());
  EXPECT_EQ(body, message_body("payment.succeeded", clock.now(), {{"amount", 5000}}));
  EXPECT_EQ(signature, sign_webhook({made.secret}, id, clock.now(), body));
  EXPECT_EQ(timestamp, webhook_timestamp(clock.now()));
  EXPECT_EQ(delivery.attempts, 1);
  EXPECT_EQ(delivery.answer, 200);
}

TEST_F(WebhooksTest, ComeAgainUntilTheyAreTaken) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  status = 500;
  deliver_until([](Delivery const& delivery) { return delivery.answer == 500; }, id);
  auto const first = told(id).at(0);
  EXPECT_EQ(first.status, "pending");
  EXPECT_GE(*first.next_at, clock.now() + 5s);
  EXPECT_EQ(look(id).failing_since, clock.now());

  status = 200;
  clock.advance(6s);
  deliver_until(is_delivered, id);
  EXPECT_EQ(told(id).at(0).attempts, 2);
  EXPECT_EQ(received.at(0).id, received.at(1).id);
  EXPECT_EQ(received.at(0).body, received.at(1).body);
  EXPECT_NE(received.at(0).signature, received.at(1).signature) << "its time is another";
  EXPECT_FALSE(look(id).failing_since);
}

TEST_F(WebhooksTest, FollowNoRedirect) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  status = 307;
  deliver_until([](Delivery const& delivery) { return delivery.answer == 307; }, id);
  EXPECT_EQ(told(id).at(0).status, "pending");
}

TEST_F(WebhooksTest, WaitAsLongAsTheEndpointAsks) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  status = 429;
  retry_after = 600;
  deliver_until([](Delivery const& delivery) { return delivery.answer == 429; }, id);
  EXPECT_EQ(told(id).at(0).next_at, clock.now() + 600s);
}

TEST_F(WebhooksTest, EndWithAnEndpointThatIsGone) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  happens(ana.id);
  status = 410;
  deliver_until([](Delivery const& delivery) { return delivery.status == "failed"; }, id);
  EXPECT_EQ(look(id).disabled_reason, "gone");
  happens(ana.id);
  EXPECT_EQ(told(id).size(), 2U) << "it is not told any more";
  EXPECT_EQ(problem(endpoints->test(ana, id)), "webhook_endpoint_disabled");

  WebhookStore::Change enable;
  enable.enabled = true;
  run(endpoints->change(ana, id, enable));
  status = 200;
  EXPECT_EQ(run(endpoints->replay_failed(ana, id, clock.now() - 1h)), 2);
  deliver_until(is_delivered, id);
  EXPECT_FALSE(look(id).disabled_at);
}

TEST_F(WebhooksTest, GiveUpAnEndpointThatFailsForDays) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  status = 500;
  for (int attempt = 1; attempt <= 10; ++attempt) {
    deliver_until([&](Delivery const& delivery) { return delivery.attempts == attempt && delivery.answer; }, id);
    clock.advance(27h);
  }
  deliver_until([](Delivery const& delivery) { return delivery.status == "failed"; }, id);
  EXPECT_EQ(look(id).disabled_reason, "failing");
}

TEST_F(WebhooksTest, AreMadeAgainWhenWhoHadThemHasDied) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  auto const due = run(store.due(clock.now())).at(0);
  ASSERT_EQ(run(store.claim(due, clock.now(), clock.now() + 30s, 8)).size(), 1U);
  EXPECT_TRUE(run(store.claim(due, clock.now(), clock.now() + 30s, 8)).empty()) << "somebody has it";
  clock.advance(31s);
  deliver_until(is_delivered, id);
  EXPECT_EQ(told(id).at(0).attempts, 2);
}

TEST_F(WebhooksTest, AreCutOffAtTheEndAndMadeAgain) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  silent = true;
  deliver_until([this]() -> Task<bool> { co_return count() == 1; });
  silent = false;
  EXPECT_EQ(told(id).at(0).status, "pending");
  EXPECT_FALSE(told(id).at(0).error) << "nobody knows what came of it";
  deliver_until(is_delivered, id);
  EXPECT_EQ(count(), 2U);
}

TEST_F(WebhooksTest, AreClaimedOnceByManyAtOnce) {
  auto const id = make(ana).endpoint.id;
  for (int i = 0; i < 20; ++i) happens(ana.id);
  auto const due = run(store.due(clock.now())).at(0);
  std::vector<std::string> claimed;
  auto const take = [&]() -> Task<> {
    for (auto const& one : co_await store.claim(due, clock.now(), clock.now() + 30s, 3))
      claimed.push_back(one.id.str());
  };
  while (claimed.size() < 20) {
    std::vector<Task<>> several;
    for (int i = 0; i < 4; ++i) several.push_back(take());
    for (auto const& failure : run_together(std::move(several))) ASSERT_EQ(failure, nullptr);
  }
  std::ranges::sort(claimed);
  EXPECT_EQ(std::ranges::unique(claimed).size(), 0U);
  EXPECT_EQ(claimed.size(), told(id).size());
}

TEST_F(WebhooksTest, AreSignedWithTheOldSecretTooForADay) {
  auto const made = make(ana);
  auto const id = made.endpoint.id;
  auto const newer = run(endpoints->rotate_secret(ana, id)).secret;
  EXPECT_NE(newer, made.secret);
  auto const signed_by = [&](std::vector<std::string> const& by) {
    run(endpoints->test(ana, id));
    deliver_until(is_delivered, id);
    auto const& last = received.back();
    return last.signature == sign_webhook(by, last.id, clock.now(), last.body);
  };
  EXPECT_TRUE(signed_by({newer, made.secret}));
  clock.advance(24h);
  EXPECT_TRUE(signed_by({newer}));
}

TEST_F(WebhooksTest, RestSealed) {
  auto const old = make(ana);
  restart({true, false, {std::string(32, 'a')}});
  auto const made = make(ana);
  deliver_until([&]() -> Task<bool> {  // what rested as text is sealed by the way
    for (auto const& one : co_await store.secrets({}, 10)) {
      if (one.secrets.secret.contains("whsec_")) co_return false;
    }
    co_return true;
  });
  happens(ana.id);
  deliver_until(is_delivered, old.endpoint.id);
  deliver_until(is_delivered, made.endpoint.id);
  for (auto const& one : received) {
    bool const by_old = one.signature == sign_webhook({old.secret}, one.id, clock.now(), one.body);
    EXPECT_TRUE(by_old || one.signature == sign_webhook({made.secret}, one.id, clock.now(), one.body));
  }

  restart({true, false, {std::string(32, 'b'), std::string(32, 'a')}});
  deliver_until([&]() -> Task<bool> {
    crypto::Sealer const sealer({std::string(32, 'b')});
    for (auto const& one : co_await store.secrets({}, 10)) {
      if (!sealer.is_current(one.secrets.secret)) co_return false;
    }
    co_return true;
  });
}

TEST_F(WebhooksTest, ReachNoPrivateAddress) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  restart({false, false, {}});
  deliver_until([](Delivery const& delivery) { return delivery.error.has_value(); }, id);
  EXPECT_EQ(count(), 0U);
  clock.advance(10min);

  // A name that leads inside is found out where it is connected to.
  http::Client client({.base_url = "http://localhost:" + std::to_string(server.port()), .public_only = true});
  EXPECT_EQ(LoopsTest::status(client.send({})), -1);
  EXPECT_EQ(count(), 0U);
}

TEST_F(WebhooksTest, SlowEndpointsOfOneUserKeepNoOthersWaiting) {
  slow_is_silent = true;
  for (int i = 0; i < 16; ++i) make(ana, "/slow" + std::to_string(i));
  auto const quick = make(bia, "/quick").endpoint.id;
  for (int i = 0; i < 8; ++i) happens(ana.id);  // 128 deliveries
  deliver_until([&]() -> Task<bool> {
    bool const ana_has_what_she_can = count() >= DeliveryPlaces::max_unproven_of_owner;
    if (ana_has_what_she_can && told_bia++ == 0) {
      co_await database->batch(messages.calls({bia.id, "payment.succeeded", {}}));
      messages.wake();
    }
    auto const all = co_await endpoints->deliveries(administrator, {quick, {}, 100, {}});
    co_return !all.empty() && std::ranges::all_of(all, is_delivered);
  });
  slow_is_silent = false;
  EXPECT_LE(count(), DeliveryPlaces::max_unproven_of_owner + 1);
}

TEST_F(WebhooksTest, OneWithWhichTheProcessDiesIsSetAsideUntilItIsReplayed) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  auto const due = run(store.due(clock.now())).at(0);
  ASSERT_EQ(run(store.claim(due, clock.now(), clock.now() + 30s, 8)).size(), 1U);
  for (int death = 1; death < jobs::max_deaths; ++death) {  // each time alone
    clock.advance(31s);
    EXPECT_TRUE(run(store.due(clock.now())).empty()) << "it is not taken together with others";
    ASSERT_TRUE(run(store.claim_lost(clock.now(), clock.now() + 30s))) << death;
  }
  clock.advance(31s);
  deliver_until([](Delivery const& delivery) { return delivery.status == "failed"; }, id);
  EXPECT_EQ(count(), 0U);
  EXPECT_EQ(run(store.count_set_aside()).count, 1);
  EXPECT_TRUE(told(id).at(0).error->contains("set aside"));

  run(endpoints->replay(ana, id, told(id).at(0).id));
  deliver_until(is_delivered, id);
  EXPECT_EQ(run(store.count_set_aside()).count, 0);
}

TEST_F(WebhooksTest, AreNotSetAsideForBeingCutOff) {
  auto const id = make(ana).endpoint.id;
  happens(ana.id);
  for (int i = 1; i <= jobs::max_deaths + 1; ++i) {
    silent = true;
    deliver_until([&]() -> Task<bool> { co_return count() == static_cast<std::size_t>(i); });
    silent = false;
    clock.advance(31s);
  }
  EXPECT_EQ(told(id).at(0).status, "pending");
  deliver_until(is_delivered, id);
}

TEST_F(WebhooksTest, TestsAreThirtyAMinuteAUser) {
  auto const id = make(ana).endpoint.id;
  auto const other = make(ana).endpoint.id;
  for (int i = 0; i < 30; ++i) ASSERT_EQ(problem(endpoints->test(ana, i % 2 == 0 ? id : other)), "none");
  EXPECT_EQ(problem(endpoints->test(ana, id)), "too_many_webhook_tests");
  EXPECT_EQ(problem(endpoints->test(bia, make(bia).endpoint.id)), "none");
  EXPECT_EQ(told(id).size() + told(other).size(), 30U);
  clock.advance(61s);
  EXPECT_EQ(problem(endpoints->test(ana, id)), "none");
}

TEST(DeliveryPlaces, AreEarnedByQuickAnswers) {
  auto const owner = Id<Owner>::make(Time{});
  DeliveryPlaces places;
  DeliveryPlaces::Line line;
  auto const attempt = [&](bool well, std::chrono::milliseconds took) {
    places.end(places.begin(owner, line), line, well, took);
    return places.free(owner, line, false);
  };
  EXPECT_EQ(places.free(owner, line, false), 2U);
  EXPECT_EQ(attempt(true, 10ms), 4U);
  EXPECT_EQ(attempt(true, 10ms), 8U);
  EXPECT_EQ(attempt(true, 10ms), 8U);
  EXPECT_EQ(places.free(owner, line, true), 1U) << "failing";
  EXPECT_EQ(attempt(true, 14s), 1U) << "slow";
  EXPECT_EQ(attempt(true, 10ms), 2U);
  EXPECT_EQ(attempt(false, 10ms), 1U);
}

TEST(DeliveryPlaces, HaveAReserveForQuickEndpoints) {
  DeliveryPlaces places;
  std::vector<DeliveryPlaces::Line> slow(200);
  std::size_t taken = 0;
  for (auto& line : slow) {
    auto const owner = Id<Owner>::make(Time{});
    for (auto free = places.free(owner, line, false); free > 0; --free) {
      places.begin(owner, line);
      ++taken;
    }
  }
  EXPECT_EQ(taken, DeliveryPlaces::max_unproven);

  DeliveryPlaces::Line quick;
  auto const owner = Id<Owner>::make(Time{});
  for (int i = 0; i < 3; ++i) places.end(places.begin(owner, quick), quick, true, 1ms);
  EXPECT_EQ(places.free(owner, quick, false), 8U);
}

TEST(DeliveryPlaces, AreNotFilledByAFewWhoseQuickEndpointsStall) {
  DeliveryPlaces places;
  std::vector<DeliveryPlaces::Line> lines(3 * 16);
  auto const begin_all = [&](Id<Owner> owner, DeliveryPlaces::Line& line) {
    for (auto free = places.free(owner, line, false); free > 0; --free) places.begin(owner, line);
  };
  std::vector<Id<Owner>> owners;
  for (std::size_t i = 0; i < 3; ++i) owners.push_back(Id<Owner>::make(Time{}));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (int j = 0; j < 3; ++j) places.end(places.begin(owners[i / 16], lines[i]), lines[i], true, 1ms);
  }
  for (std::size_t i = 0; i < lines.size(); ++i) begin_all(owners[i / 16], lines[i]);

  DeliveryPlaces::Line other;
  EXPECT_EQ(places.free(Id<Owner>::make(Time{}), other, false), 2U);
}

TEST_F(WebhooksTest, AreLookedForInPages) {
  std::vector<Id<WebhookEndpoint>> made;
  for (int i = 0; i < 5; ++i) made.push_back(make(ana).endpoint.id);
  happens(ana.id);
  std::vector<Id<WebhookEndpoint>> found;
  auto const page = [&](Id<WebhookEndpoint> after) {
    auto const due = run(store.due(clock.now(), after, 2));
    for (auto const& endpoint : due) found.push_back(endpoint.id);
    return due.size();
  };
  EXPECT_EQ(page({}), 2U);
  EXPECT_EQ(page(found.back()), 2U);
  EXPECT_EQ(page(found.back()), 1U);
  std::ranges::sort(made);
  EXPECT_EQ(found, made);
}

TEST_F(WebhooksTest, AreTheirOwners) {
  auto const id = make(ana).endpoint.id;
  EXPECT_EQ(problem(endpoints->find(bia, id)), "not_found");
  EXPECT_EQ(problem(endpoints->remove(bia, id)), "not_found");
  EXPECT_EQ(problem(endpoints->rotate_secret(bia, id)), "not_found");
  EXPECT_EQ(problem(endpoints->deliveries(bia, {id, {}, 10, {}})), "not_found");
  EXPECT_EQ(problem(endpoints->find(administrator, id)), "none");
  EXPECT_EQ(problem(endpoints->create(bia, {WebAddress::parse("http://a.example").value(), "", {}, true})),
            "forbidden");

  auto const everyone = make(administrator, "/all", true).endpoint.id;
  happens(bia.id);
  EXPECT_TRUE(told(id).empty());
  EXPECT_EQ(told(everyone).size(), 1U);
  run(endpoints->forget(bia.id));
  EXPECT_TRUE(told(everyone).empty()) << "what was told of him is forgotten too";
  run(endpoints->forget(ana.id));
  EXPECT_EQ(problem(endpoints->find(administrator, id)), "not_found");
}

TEST_F(WebhooksTest, AreNotMany) {
  for (int i = 0; i < 16; ++i) make(ana);
  EXPECT_EQ(problem(endpoints->create(ana, {WebAddress::parse("http://a.example").value(), "", {}})),
            "too_many_webhook_endpoints");
  make(bia);
}

}  // namespace
}  // namespace balcao::payments

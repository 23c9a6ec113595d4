#include "clients_fixture.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;
using ClientsTest = test::ClientsTest;
using test::refuse;
using test::refuse_key;
using test::unknown;

TEST_F(ClientsTest, MakesACustomerAtTheGateway) {
  auto const client = run(make(owner));
  EXPECT_EQ(client.status(), Client::Status::active);
  EXPECT_EQ(client.gateway_id, "cus_1");
  EXPECT_EQ(gateway.created, std::vector{client.id.str()});
  EXPECT_EQ(gateway.keys, std::vector{"cus-" + client.id.str()});
  EXPECT_EQ(status_after(client).gateway_id, "cus_1");

  clock.advance(61s);  // the job comes after it and finds nothing to do
  run_jobs(is_done, 1);
  EXPECT_EQ(gateway.keys.size(), 1U);
}

TEST_F(ClientsTest, AreAHundredAUser) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(status(make(owner)), 0);
  EXPECT_EQ(status(make(owner)), 409);
  EXPECT_EQ(gateway.created.size(), 100U);
  EXPECT_EQ(status(make(administrator)), 0);
  EXPECT_EQ(status(make({owner.id, false, true})), 0) << "a program acts for many";
}

TEST_F(ClientsTest, FinishesLaterWithTheSameKeyWhatIsUnknown) {
  gateway.script = {unknown, unknown};
  auto const client = run(make(owner));
  EXPECT_EQ(client.status(), Client::Status::pending);
  EXPECT_EQ(status_after(client).status(), Client::Status::pending);

  clock.advance(61s);
  run_jobs(has_failed_once, 1);
  EXPECT_EQ(status_after(client).status(), Client::Status::pending) << "still unknown, so asked once more";
  clock.advance(1h);
  run_jobs(is_done, 1);
  EXPECT_EQ(status_after(client).gateway_id, "cus_3");
  EXPECT_EQ(gateway.keys, (std::vector<std::string>(3, "cus-" + client.id.str())));
  EXPECT_TRUE(gateway.sought.empty()) << "the gateway still knows the key";
}

TEST_F(ClientsTest, LooksFirstWhenTheGatewayMayHaveForgottenTheKey) {
  gateway.script = {unknown};
  gateway.holds = "cus_found";
  auto const client = run(make(owner));
  clock.advance(23h + 1s);
  run_jobs(is_done, 1);
  EXPECT_EQ(status_after(client).gateway_id, "cus_found");
  EXPECT_EQ(gateway.sought, std::vector{client.id.str()});
  EXPECT_EQ(gateway.keys.size(), 1U) << "it is there, so none is made";
}

TEST_F(ClientsTest, MakesItAfterAllWhereThereIsNone) {
  gateway.script = {unknown};
  auto const client = run(make(owner));
  clock.advance(48h);
  run_jobs(is_done, 1);
  EXPECT_EQ(gateway.sought.size(), 1U);
  EXPECT_EQ(status_after(client).gateway_id, "cus_2");
}

TEST_F(ClientsTest, ForgetsWhatIsRefusedAtOnce) {
  gateway.script = {refuse};
  EXPECT_EQ(problem(make(owner)), "gateway_refused");
  gateway.script = {refuse_key};
  EXPECT_EQ(problem(make(owner)), "gateway_misconfigured");
  EXPECT_EQ(run(ask_number("SELECT count(*) FROM payments.clients")), 0);
  clock.advance(61s);
  run_jobs(is_done, 2);
  EXPECT_EQ(gateway.keys.size(), 2U);
}

TEST_F(ClientsTest, NotesARefusalThatComesLater) {
  gateway.script = {unknown, refuse};
  auto const client = run(make(owner));
  clock.advance(61s);
  run_jobs(is_done, 1);
  EXPECT_EQ(status_after(client).status(), Client::Status::refused);
  EXPECT_EQ(status_after(client).refusal, "email_invalid");
}

TEST_F(ClientsTest, WaitsForAKeyThatAnOperatorMends) {
  gateway.script = {unknown, refuse_key};
  auto const client = run(make(owner));
  clock.advance(61s);
  run_jobs(has_failed_once, 1);
  EXPECT_EQ(status_after(client).status(), Client::Status::pending);
  clock.advance(1h);
  run_jobs(is_done, 1);
  EXPECT_EQ(status_after(client).status(), Client::Status::active);
}

TEST_F(ClientsTest, ShowsEveryoneHisOwn) {
  auto const mine = run(make(owner));
  clock.advance(1ms);
  auto const theirs = run(make(stranger));
  EXPECT_EQ(problem(clients->find(owner, theirs.id)), "not_found");
  EXPECT_EQ(problem(clients->find(owner, Id<Client>::make(clock.now()))), "not_found");
  EXPECT_EQ(run(clients->find(administrator, theirs.id)).id, theirs.id);

  auto const listed = run(clients->list(owner, 20, {}));
  ASSERT_EQ(listed.clients.size(), 1U);
  EXPECT_EQ(listed.clients.front().id, mine.id);
  auto const first = run(clients->list(administrator, 1, {}));
  EXPECT_EQ(first.clients.front().id, theirs.id) << "newest first";
  ASSERT_TRUE(first.next);
  auto const second = run(clients->list(administrator, 1, first.next));
  EXPECT_EQ(second.clients.front().id, mine.id);
  EXPECT_FALSE(second.next);
  EXPECT_TRUE(run(clients->list(owner, 1, mine.id)).clients.empty());
}

TEST_F(ClientsTest, MakesAUsersOwnCustomerOnceHoweverOftenItIsAsked) {
  for (int i = 0; i < 3; ++i) run(clients->ensure_own(owner.id, "ana"));
  auto const own = own_client(owner.id);
  EXPECT_EQ(run(clients->find(owner, own)).status(), Client::Status::pending);
  run_jobs(is_done, 1);
  auto const client = run(clients->find(owner, own));
  EXPECT_EQ(client.status(), Client::Status::active);
  EXPECT_EQ(client.name, "ana");
  EXPECT_FALSE(client.email);
  run(clients->ensure_own(owner.id, "ana"));
  EXPECT_EQ(gateway.created, std::vector{own.str()});
}

TEST_F(ClientsTest, DoesNotListAUsersOwnCustomerAmongThoseHeCreated) {
  run(clients->ensure_own(owner.id, "ana"));
  auto const created = run(make(owner));
  auto const page = run(clients->list(owner, 10, {}));
  ASSERT_EQ(page.clients.size(), 1U);
  EXPECT_EQ(page.clients.front().id, created.id);
  EXPECT_EQ(run(clients->list(administrator, 10, {})).clients.size(), 2U);
  EXPECT_EQ(problem(clients->find(stranger, own_client(owner.id))), "not_found");
}

TEST_F(ClientsTest, ForgetsAUsersOwnCustomerHereAndAtTheGateway) {
  run(clients->ensure_own(owner.id, "ana"));
  run_jobs(is_done, 1);
  auto const bystander = run(make(owner));
  for (int i = 0; i < 2; ++i) run(clients->forget_own(owner.id));
  run_jobs("kind = 'forget_customer' AND done_at IS NOT NULL", 1);
  EXPECT_EQ(gateway.deleted, std::vector<std::string>{"cus_1"});
  EXPECT_EQ(problem(clients->find(administrator, own_client(owner.id))), "not_found");
  EXPECT_EQ(run(clients->list(administrator, 10, {})).clients.size(), 1U);
  EXPECT_EQ(status_after(bystander).name, "Ana") << "those whom he created are others";
  EXPECT_EQ(run(ask_number("SELECT count(*) FROM payments.clients WHERE name = '' AND gateway_id = 'cus_1'")), 1)
      << "what was paid leads to a row that says nothing of him";
}

TEST_F(ClientsTest, ForgetsACustomerOnceItsMakingIsSettled) {
  gateway.script = {unknown};
  run(clients->ensure_own(owner.id, "ana"));
  run_jobs(has_failed_once, 1);
  run(clients->forget_own(owner.id));
  run_jobs("kind = 'forget_customer' AND attempts = 1 AND leased_until IS NULL", 1);
  EXPECT_TRUE(gateway.deleted.empty());
  clock.advance(1h);
  run_jobs(is_done, 1);
  clock.advance(1h);
  run_jobs(is_done, 2);
  EXPECT_EQ(gateway.deleted, std::vector<std::string>{"cus_2"});
}

TEST_F(ClientsTest, NeverMakesACustomerForWhomIsForgotten) {
  run(clients->forget_own(owner.id));
  run_jobs(is_done, 1);
  run(clients->ensure_own(owner.id, "ana"));
  run_jobs(is_done, 2);
  EXPECT_TRUE(gateway.created.empty());
  EXPECT_EQ(problem(clients->find(administrator, own_client(owner.id))), "not_found");
}

}  // namespace
}  // namespace balcao::payments

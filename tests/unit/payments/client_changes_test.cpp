#include "clients_fixture.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;

Task<> unknown() {
  throw GatewayUnknown("cut off");
  co_return;
}
Task<> not_executed() {
  throw GatewayUnknown("refused", GatewayUnknown::Executed::no);
  co_return;
}
Task<> refuse() {
  throw GatewayRefused(GatewayRefused::Reason::request, {.code = "email_invalid", .message = "Invalid email"});
  co_return;
}
Task<> refuse_key() {
  throw GatewayRefused(GatewayRefused::Reason::key, {.code = "api_key", .message = "Invalid key"});
  co_return;
}

class ClientChangesTest : public test::ClientsTest {
 protected:
  Task<Client> rename(std::string name) {
    return clients->update(owner, client.id, {}, ClientName::parse(name).value());
  }
  Task<Client> move_to(std::string email) { return clients->update(owner, client.id, Email::parse(email).value(), {}); }
  Client now() { return run(store.find(client.id)).value(); }
  void run_update_jobs(std::int64_t done) { run_jobs("kind = 'update_customer' AND done_at IS NOT NULL", done); }

  Client const client = run(make(owner));
  GatewayCustomer& theirs = gateway.customers["cus_1"] = {.id = "cus_1", .email = "ana@example.com", .name = "Ana"};
};

TEST_F(ClientChangesTest, ChangeHereAndAtTheGateway) {
  auto const changed = run(rename("Ana Maria"));
  EXPECT_FALSE(changed.change);
  EXPECT_EQ(changed.name, "Ana Maria");
  EXPECT_EQ(changed.email, "ana@example.com") << "what is not given stays";
  EXPECT_EQ(theirs.name, "Ana Maria");
  run(clients->update(administrator, client.id, Email::parse("b@example.com").value(), {}));
  EXPECT_EQ(theirs.email, "b@example.com");
  EXPECT_EQ(problem(clients->update(stranger, client.id, {}, ClientName::parse("X").value())), "not_found");
  run(clients->update(owner, client.id, {}, {}));
  EXPECT_EQ(gateway.updates.size(), 2U) << "nothing is asked where nothing is to be changed";
}

TEST_F(ClientChangesTest, FinishLaterWhatIsUnknown) {
  gateway.update_script = {unknown};
  auto const changed = run(rename("Ana Maria"));
  ASSERT_TRUE(changed.change);
  EXPECT_EQ(changed.change->name, "Ana Maria");
  EXPECT_EQ(now().name, "Ana");
  clock.advance(61s);
  run_update_jobs(1);
  EXPECT_EQ(now().name, "Ana Maria");
  EXPECT_FALSE(now().change);
  ASSERT_EQ(gateway.updates.size(), 2U);
  EXPECT_NE(gateway.updates[0], gateway.updates[1]) << "a fault would be repeated under its key";
}

TEST_F(ClientChangesTest, TheLastOneWinsAndOlderOnesDoNotComeBack) {
  gateway.update_script = {unknown};
  run(rename("First"));
  EXPECT_TRUE(run(rename("Second")).change) << "the first may still be under way, and must not overtake it";
  EXPECT_TRUE(run(move_to("second@example.com")).change);
  EXPECT_EQ(gateway.updates.size(), 1U);
  clock.advance(61s);
  run_update_jobs(3);
  EXPECT_EQ(now().name, "Second");
  EXPECT_EQ(theirs.name, "Second");
  EXPECT_EQ(theirs.email, "second@example.com");
  EXPECT_EQ(gateway.updates.size(), 2U) << "the latest says all";
}

TEST_F(ClientChangesTest, ComeOneAfterTheOther) {
  gateway.update_script = {[&]() -> Task<> { EXPECT_TRUE((co_await rename("Second")).change); }};
  auto const changed = run(rename("First"));
  EXPECT_FALSE(changed.change);
  EXPECT_EQ(changed.name, "Second");
  EXPECT_EQ(theirs.name, "Second");
  EXPECT_EQ(gateway.updates.size(), 2U);
}

TEST_F(ClientChangesTest, WhatWasCertainlyNotDoneIsTriedByTheNext) {
  gateway.update_script = {not_executed};
  EXPECT_TRUE(run(rename("First")).change);
  auto const changed = run(move_to("second@example.com"));
  EXPECT_FALSE(changed.change);
  EXPECT_EQ(changed.name, "First");
  EXPECT_EQ(theirs.email, "second@example.com");
}

TEST_F(ClientChangesTest, LeaveNothingBehindWhenTheyAreRefused) {
  gateway.update_script = {refuse};
  EXPECT_EQ(problem(move_to("bad@example.com")), "gateway_refused");
  EXPECT_FALSE(now().change);
  EXPECT_EQ(now().email, "ana@example.com");
  gateway.update_script = {refuse_key};
  EXPECT_EQ(problem(rename("X")), "gateway_misconfigured");
  EXPECT_FALSE(now().change);
  gateway.update_script = {unknown, refuse};
  run(rename("Y"));
  clock.advance(61s);
  run_update_jobs(3);
  EXPECT_FALSE(now().change);
  EXPECT_EQ(now().name, "Ana");
}

TEST_F(ClientChangesTest, WaitForTheCustomerToBeMade) {
  gateway.script = {test::unknown};
  auto const pending = run(make(owner));
  auto const changed = run(clients->update(owner, pending.id, {}, ClientName::parse("New").value()));
  EXPECT_EQ(changed.status(), Client::Status::pending);
  EXPECT_TRUE(changed.change);
  clock.advance(61s);
  run_jobs("kind = 'create_customer' AND done_at IS NOT NULL", 2);
  clock.advance(1h);
  run_jobs(is_done, 3);
  auto const made = run(store.find(pending.id)).value();
  EXPECT_EQ(made.name, "New");
  EXPECT_EQ(gateway.customers.at(made.gateway_id.value()).name, "New");
}

TEST_F(ClientChangesTest, AreGoneAtOnceAndThenDeletedAtTheGateway) {
  run(clients->remove(owner, client.id));
  EXPECT_EQ(problem(clients->find(owner, client.id)), "not_found");
  EXPECT_EQ(problem(clients->remove(owner, client.id)), "not_found");
  EXPECT_EQ(problem(rename("X")), "not_found");
  EXPECT_TRUE(run(clients->list(administrator, 10, {})).clients.empty());
  run_jobs("kind = 'forget_customer' AND done_at IS NOT NULL", 1);
  EXPECT_EQ(gateway.deleted, std::vector<std::string>{"cus_1"});
  EXPECT_EQ(run(ask_number("SELECT count(*) FROM payments.clients WHERE name = '' AND gateway_id = 'cus_1'")), 1);
}

TEST_F(ClientChangesTest, AreDeletedOnceTheirMakingIsSettled) {
  gateway.script = {test::unknown};
  auto const pending = run(make(owner));
  run(clients->remove(owner, pending.id));
  clock.advance(61s);
  run_jobs("kind = 'create_customer' AND done_at IS NOT NULL", 2);
  clock.advance(1h);
  run_jobs(is_done, 3);
  EXPECT_EQ(gateway.deleted, std::vector<std::string>{"cus_3"});
}

TEST_F(ClientChangesTest, AUsersOwnGoesWithHimAlone) {
  run(clients->ensure_own(owner.id, "ana"));
  EXPECT_EQ(problem(clients->remove(owner, own_client(owner.id))), "own_client");
  EXPECT_EQ(problem(clients->remove(administrator, own_client(owner.id))), "own_client");
  EXPECT_EQ(problem(clients->remove(stranger, own_client(owner.id))), "not_found");
  EXPECT_TRUE(run(clients->update(owner, own_client(owner.id), Email::parse("me@example.com").value(), {})).change);
}

TEST_F(ClientChangesTest, ComeInFromTheGateway) {
  theirs.name = "By the dashboard";
  theirs.email = "";
  run(clients->refresh("cus_1"));
  EXPECT_EQ(now().name, "By the dashboard");
  EXPECT_FALSE(now().email);

  theirs = {.id = "cus_1", .deleted = true};
  run(clients->refresh("cus_1"));
  EXPECT_EQ(problem(clients->find(owner, client.id)), "not_found");
  run(clients->refresh("cus_1"));
}

TEST_F(ClientChangesTest, AreNotUndoneByAnOlderAnswer) {
  gateway.while_asked = [&]() -> Task<> { co_await rename("Newer"); };
  theirs.email = "dashboard@example.com";
  run(clients->refresh("cus_1"));
  EXPECT_EQ(now().name, "Newer");
  EXPECT_EQ(now().email, "dashboard@example.com");

  gateway.update_script = {unknown};
  run(rename("Newest"));
  theirs.email = "again@example.com";
  run(clients->refresh("cus_1"));
  EXPECT_EQ(now().change->name, "Newest") << "and one that waits goes on waiting";
  EXPECT_EQ(now().email, "again@example.com");
}

TEST_F(ClientChangesTest, AnAnswerOvertakenByANewerOneIsAskedForAgain) {
  theirs.name = "Older";
  gateway.while_asked = [&]() -> Task<> {
    theirs.name = "Newer";
    co_await clients->refresh("cus_1");
  };
  run(clients->refresh("cus_1"));
  EXPECT_EQ(now().name, "Newer");
}

TEST_F(ClientChangesTest, KnowACustomerThatWasMadeForThem) {
  gateway.script = {test::unknown};
  auto const pending = run(make(owner));
  gateway.customers["cus_x"] = {.id = "cus_x", .name = "Ana", .client_id = pending.id.str()};
  gateway.customers["cus_y"] = {.id = "cus_y", .name = "Nobody's"};
  gateway.customers["cus_z"] = {.id = "cus_z", .name = "A second", .client_id = client.id.str()};
  for (auto const* id : {"cus_x", "cus_y", "cus_z", "cus_nowhere"}) run(clients->refresh(id));
  EXPECT_EQ(run(store.find(pending.id))->gateway_id, "cus_x");
  EXPECT_EQ(now().gateway_id, "cus_1");
  EXPECT_EQ(run(clients->list(administrator, 10, {})).clients.size(), 2U);
}

TEST_F(ClientChangesTest, AKeyOfAnotherAccountDeletesNothing) {
  gateway.customers.clear();
  run(clients->refresh("cus_1"));
  EXPECT_EQ(now().status(), Client::Status::active);
  EXPECT_FALSE(now().deleted);
}

}  // namespace
}  // namespace balcao::payments

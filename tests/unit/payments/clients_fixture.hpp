#pragma once

#include <deque>
#include <map>

#include "payments/clients/clients.hpp"
#include "payments/migrations.hpp"

#include "../platform/db/database_fixture.hpp"
#include "scripted_gateway.hpp"

namespace balcao::payments::test {

using namespace std::chrono_literals;

/// Makes and changes customers as it is told, and remembers what it was asked.
class CustomerGateway final : public ScriptedGateway {
 public:
  using Answer = std::function<std::string()>;

  Task<std::string> create_customer(NewCustomer customer, std::string idempotency_key) override {
    created.push_back(customer.client_id);
    keys.push_back(std::move(idempotency_key));
    if (script.empty()) co_return "cus_" + std::to_string(keys.size());
    auto const answer = std::move(script.front());
    script.pop_front();
    co_return answer();
  }
  Task<> delete_customer(std::string gateway_id) override {
    deleted.push_back(std::move(gateway_id));
    co_return;
  }
  Task<std::optional<std::string>> find_customer(NewCustomer customer) override {
    sought.push_back(customer.client_id);
    co_return holds;
  }

  /// By its script; where that has come to its end, it keeps what it is told.
  Task<> update_customer(std::string gateway_id, std::optional<std::string> email, std::optional<std::string> name,
                         std::string idempotency_key) override {
    updates.push_back(std::move(idempotency_key));
    if (!update_script.empty()) {
      auto const answer = std::move(update_script.front());
      update_script.pop_front();
      co_await answer();
    }
    auto& customer = customers[gateway_id];
    customer.id = gateway_id;
    if (email) customer.email = *email;
    if (name) customer.name = *name;
  }
  Task<std::optional<GatewayCustomer>> get_customer(std::string gateway_id) override {
    auto const found = customers.find(gateway_id);
    auto answer = found == customers.end() ? std::nullopt : std::optional(found->second);
    if (while_asked) co_await std::exchange(while_asked, nullptr)();
    co_return answer;
  }

  std::deque<Answer> script;
  std::deque<std::function<Task<>()>> update_script;
  std::function<Task<>()> while_asked;  ///< happens once, after the gateway's answer is fixed and before it arrives
  std::map<std::string, GatewayCustomer> customers;
  std::vector<std::string> updates;
  std::optional<std::string> holds;
  std::vector<std::string> created;
  std::vector<std::string> keys;
  std::vector<std::string> sought;
  std::vector<std::string> deleted;
};

inline std::string unknown() { throw GatewayUnknown("cut off"); }
inline std::string refuse() {
  throw GatewayRefused(GatewayRefused::Reason::request, {.code = "email_invalid", .message = "Invalid email"});
}
inline std::string refuse_key() {
  throw GatewayRefused(GatewayRefused::Reason::key, {.code = "api_key", .message = "Invalid key"});
}

class ClientsTest : public balcao::test::DatabaseTest {
 protected:
  ClientsTest() { start(); }

  /// Also as after a restart of the program.
  void start() {
    clients.reset();
    jobs.emplace(*database, "payments", clock);
    clients.emplace(store, gateway, *jobs, clock);
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

  Task<Client> make(Actor actor) {
    return clients->create(actor, Email::parse("ana@example.com").value(), ClientName::parse("Ana").value());
  }
  Client status_after(Client const& client) { return run(clients->find(owner, client.id)); }

  /// Runs the jobs that are due, in a program just started, until so many are in the state that `condition` says.
  void run_jobs(std::string_view condition, std::int64_t jobs_there) {
    start();
    auto const stop_then = [&]() -> Task<> {
      auto const failure = co_await balcao::test::failure_of(
          balcao::test::until([&]() -> Task<bool> { co_return co_await count_jobs(condition) == jobs_there; }));
      jobs->stop();
      if (failure) std::rethrow_exception(failure);
    };
    std::vector<Task<>> both;
    both.push_back(jobs->run());
    both.push_back(stop_then());
    for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  }

  Task<std::int64_t> count_jobs(std::string_view condition) {
    return ask_number("SELECT count(*) FROM payments.jobs WHERE " + std::string(condition));
  }
  Task<std::int64_t> ask_number(std::string sql) {
    db::Statement const statement{"count", sql};
    auto const rows = co_await database->query(statement);
    co_return rows.front().get<std::int64_t>(0);
  }

  static constexpr std::string_view is_done = "done_at IS NOT NULL";
  static constexpr std::string_view has_failed_once = "attempts = 1 AND leased_until IS NULL";

  balcao::test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("payments", migrations, clock.now());
  ClientStore store{*database};
  CustomerGateway gateway;
  std::optional<jobs::Jobs> jobs;
  std::optional<Clients> clients;
  Actor const owner{Id<Owner>::make(clock.now()), false};
  Actor const stranger{Id<Owner>::make(clock.now()), false};
  Actor const administrator{Id<Owner>::make(clock.now()), true};
};

}  // namespace balcao::payments::test

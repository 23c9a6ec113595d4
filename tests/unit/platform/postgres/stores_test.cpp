// Every statement of every store, once, on PostgreSQL: their types are what may not fit.
#include "auth/store.hpp"
#include "engine_fixture.hpp"
#include "payments/store.hpp"
#include "platform/db/migrations.hpp"
#include "platform/jobs/jobs.hpp"
#include "products/store.hpp"
#include "sandbox/customers/store.hpp"
#include "sandbox/idempotency/store.hpp"
#include "sandbox/sandbox.hpp"

namespace balcao {
namespace {

using namespace std::chrono_literals;

class StoresOnPostgres : public testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return test::run_on(loops, std::move(task));
  }

  std::unique_ptr<db::Database> open(std::string const& schema, std::vector<db::Migration> migrations) {
    auto database = db::postgres::open(pool, schema);
    run(database->execute_script("DROP SCHEMA IF EXISTS " + schema + " CASCADE"));
    EXPECT_EQ(run(db::migrate(*database, schema, migrations, now)), static_cast<int>(migrations.size()));
    EXPECT_EQ(run(db::migrate(*database, schema, migrations, now)), 0);
    return database;
  }

  Loops loops{1};
  std::shared_ptr<db::postgres::Pool> pool =
      db::postgres::connect(loops, {.url = test::PostgresServer::shared().url()});
  test::ManualClock clock;
  Time const now = clock.now();
};

TEST_F(StoresOnPostgres, AuthKeepsUsers) {
  auto const database = open("auth", auth::migrations("postgres"));
  auth::Store store(*database);
  auth::User const ana{Id<auth::User>::make(now), "ana", auth::Role::user, false, now};
  EXPECT_TRUE(run(store.insert_user(ana, "hash")));
  EXPECT_FALSE(run(store.insert_user({Id<auth::User>::make(now), "ana", auth::Role::user, false, now}, "other")));
  EXPECT_EQ(run(store.find_credentials("ana"))->password_hash, "hash");
  EXPECT_FALSE(run(store.find_credentials("bia")));
  EXPECT_EQ(run(store.find_user(ana.id))->created_at, now);
  EXPECT_TRUE(run(store.set_role("ana", auth::Role::admin, now)));
  EXPECT_FALSE(run(store.set_role("bia", auth::Role::admin, now)));
  EXPECT_TRUE(run(store.set_disabled("ana", true, now)));
  EXPECT_TRUE(run(store.list_users()).front().disabled);
  EXPECT_TRUE(run(store.set_disabled("ana", false, now)));
  EXPECT_FALSE(run(store.list_users()).front().disabled);
  run(store.set_password_hash(ana.id, "new", now));
  EXPECT_EQ(run(store.find_credentials("ana"))->password_hash, "new");
  EXPECT_EQ(run(store.find_user(ana.id))->role, auth::Role::admin);
}

TEST_F(StoresOnPostgres, AuthKeepsSessionsAndKeys) {
  auto const database = open("auth", auth::migrations("postgres"));
  auth::Store store(*database);
  auth::User const ana{Id<auth::User>::make(now), "ana", auth::Role::user, false, now};
  run(store.insert_user(ana, "hash"));
  auth::Session const session{Id<auth::Session>::make(now), ana.id, now + 1h};
  std::string const key("\0key", 4);
  run(store.insert_session({session, key, "first", "127.0.0.1", "curl", now}));
  auto const found = run(store.find_refresh_token("first"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rotation_key, key);
  EXPECT_EQ(found->session.expires_at, now + 1h);
  EXPECT_FALSE(found->used_at || found->session_ended);
  EXPECT_TRUE(run(store.rotate("first", "second", session.id, now)));
  EXPECT_TRUE(run(store.rotate("first", "second", session.id, now + 1s)));
  EXPECT_EQ(run(store.find_refresh_token("first"))->used_at, now);
  run(store.end_session(session.id, "logout", now + 2s));
  run(store.end_session(session.id, "again", now + 3s));
  EXPECT_FALSE(run(store.rotate("second", "third", session.id, now)));
  ASSERT_EQ(run(store.ended_since(now)).size(), 1U);
  EXPECT_EQ(run(store.ended_since(now)).front().ended_at, now + 2s);
  run(store.purge_sessions(now + 3s));
  EXPECT_FALSE(run(store.find_refresh_token("second")));
  run(store.insert_first_key({"kid", key}, now));
  run(store.insert_first_key({"other", key}, now));
  ASSERT_EQ(run(store.signing_keys()).size(), 1U);
  EXPECT_EQ(run(store.signing_keys()).front().private_bytes, key);
}

TEST_F(StoresOnPostgres, PaymentsKeepsClientsAndTheirJobs) {
  auto const database = open("payments", payments::migrations("postgres"));
  payments::Store store(*database);
  jobs::Jobs jobs(*database, "payments", clock);
  auto const owner = Id<payments::Owner>::make(now);
  std::vector<Id<payments::Client>> ids;
  for (auto const* name : {"a", "b", "c"}) {
    payments::Client client{Id<payments::Client>::make(now), owner, "a@b.c", name, {}, {}, now};
    run(store.insert(client, jobs.enqueue("register", client.id.str(), "{}")));
    ids.push_back(client.id);
  }
  run(store.set_gateway_id(ids[0], "cus_1", now));
  run(store.set_refusal(ids[1], "declined", now));
  run(store.remove_pending(ids[2]));
  EXPECT_EQ(run(store.find(ids[0]))->gateway_id, "cus_1");
  EXPECT_EQ(run(store.find(ids[1]))->refusal, "declined");
  EXPECT_FALSE(run(store.find(ids[2])));
  EXPECT_EQ(run(store.list({.owner = owner, .limit = 1, .after = {}})).size(), 2U);
  EXPECT_EQ(run(store.list({.owner = {}, .limit = 20, .after = ids[1]})).size(), 1U);
}

TEST_F(StoresOnPostgres, JobsAreDoneOnceAndRetried) {
  auto const database = open("payments", payments::migrations("postgres"));
  jobs::Jobs jobs(*database, "payments", clock);
  int done = 0;
  int failed = 0;
  jobs.handle("good", [&](jobs::Job const&) -> Task<> {
    ++done;
    co_return;
  });
  jobs.handle("bad", [&](jobs::Job const&) -> Task<> {
    ++failed;
    throw std::runtime_error("not now");
    co_return;
  });
  for (int i = 0; i < 30; ++i) run(database->batch({jobs.enqueue("good", std::to_string(i % 20), "payload")}));
  run(database->batch({jobs.enqueue("bad", "1", "payload")}));
  static constexpr db::Statement settled{"settled",
                                         "SELECT count(*) FROM payments.jobs WHERE done_at IS NOT NULL OR (last_error "
                                         "IS NOT NULL AND leased_until IS NULL)"};
  auto const watch = [](db::Database& asked, jobs::Jobs& runner) -> Task<> {
    while ((co_await asked.query(settled)).front().get<int>(0) < 21) co_await pause(1ms);
    runner.stop();
  };
  bool ended = false;
  start(loops[0], [](jobs::Jobs& runner, bool& end) -> Task<> {
    co_await runner.run();
    end = true;
  }(jobs, ended));
  run(watch(*database, jobs));
  run(test::until([&] { return ended; }));
  EXPECT_EQ(done, 20);
  EXPECT_EQ(failed, 1);
}

TEST_F(StoresOnPostgres, ProductsKeepsTheCatalog) {
  auto const database = open("products", products::migrations("postgres"));
  products::Store store(*database);
  auto const owner = Id<products::Owner>::make(now);
  std::vector<Id<products::Product>> ids;
  for (auto const& [name, price] : {std::pair{"Café", 990}, {"bread", 500}, {"Água", 990}, {"50%_off", 1}}) {
    auto const at = now + std::chrono::milliseconds(ids.size());
    ids.push_back(Id<products::Product>::make(at));
    run(store.insert({ids.back(), owner, name, "", price, "BRL", {}, {}, true, 1, at, at}));
  }
  auto const found = run(store.find(ids[0]));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "Café");
  EXPECT_FALSE(found->stock || found->image_url);

  // The first call decides what types its statement is prepared for: here nearly everything is NULL.
  EXPECT_EQ(run(store.update(ids[0], 1, {}, now))->version, 2);
  EXPECT_FALSE(run(store.update(ids[0], 1, {}, now)));
  products::ProductChange change;
  change.name = products::Name::parse("Chá").value();
  change.price = products::Price::parse(1200).value();
  change.currency = Currency::parse("USD").value();
  change.description = products::Description::parse("hot").value();
  change.stock = products::Stock::parse(3).value();
  change.image_url = WebAddress::parse("https://example.com/x.png").value();
  change.active = true;
  auto const changed = run(store.update(ids[0], 2, change, now + 1s));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->stock, 3);
  EXPECT_EQ(changed->updated_at, now + 1s);
  EXPECT_EQ(changed->image_url, "https://example.com/x.png");

  EXPECT_TRUE(run(store.remove(ids[1], 1, now)));
  EXPECT_FALSE(run(store.remove(ids[1], 1, now)));
  EXPECT_FALSE(run(store.find(ids[1])));
}

TEST_F(StoresOnPostgres, ProductsAreListedInEveryOrderAndFromEveryPlace) {
  auto const database = open("products", products::migrations("postgres"));
  products::Store store(*database);
  auto const owner = Id<products::Owner>::make(now);
  std::vector<Id<products::Product>> ids;
  for (auto const& [name, price] : {std::pair{"Café", 990}, {"bread", 500}, {"a 50%_off", 990}}) {
    auto const at = now + std::chrono::milliseconds(ids.size());
    ids.push_back(Id<products::Product>::make(at));
    run(store.insert({ids.back(), owner, name, "", price, "BRL", {}, {}, true, 1, at, at}));
  }
  auto const names = [&](std::function<void(products::ListRequest&)> const& set) {
    products::ListRequest request;
    set(request);
    std::string joined;
    for (auto const& product : run(store.list(request))) joined += product.name + ";";
    return joined;
  };
  using products::Order;
  for (auto const order :
       {Order::newest, Order::oldest, Order::cheapest, Order::dearest, Order::name_up, Order::name_down}) {
    products::Position place{{}, ids[1]};
    if (order == Order::cheapest || order == Order::dearest) place.key = std::int64_t{500};
    if (order == Order::name_up || order == Order::name_down) place.key = std::string("bread");
    auto const all = names([&](auto& request) { request.order = order; });
    auto const rest = names([&](auto& request) {
      request.order = order;
      request.after = place;
    });
    EXPECT_EQ(rest, all.substr(all.find("bread;") + 6));
  }
  EXPECT_EQ(names([&](auto& request) { request.order = Order::name_up; }), "Café;a 50%_off;bread;");
  EXPECT_EQ(names([&](auto& request) { request.text = "50%_"; }), "a 50%_off;");
  EXPECT_EQ(names([&](auto& request) {
              request.min_price = 600;
              request.max_price = 1000;
              request.currency = "BRL";
              request.owner = owner;
              request.text = "caf";
            }),
            "Café;");
}

TEST_F(StoresOnPostgres, TheSandboxKeepsCustomersAndAnswers) {
  using namespace sandbox;
  auto const database = open("sandbox", sandbox::migrations("postgres"));
  customers::Store store(*database);
  customers::Customer customer{"cus_1", now, false, 1, {{"email", "a@b.c"}}, {}};
  run(database->batch({customers::Store::insert(customer)}));
  customer.resource["email"] = nullptr;
  run(database->batch({customers::Store::update(customer)}));
  EXPECT_EQ(run(store.find("cus_1"))->version, 2);
  EXPECT_THROW(run(database->batch({customers::Store::update(customer)})), db::Error) << "it has changed since";
  customers::Customer const other{"cus_2", now + 1s, false, 1, {{"email", "a@b.c"}}, {}};
  run(database->batch({customers::Store::insert(other)}));
  CreatedRange const ever{Time{}, now + 1h};
  EXPECT_EQ(run(store.older({{}, ever}, newest_position(), 10)).size(), 2U);
  EXPECT_EQ(run(store.newer({{}, ever}, oldest_position(), 10)).front().id, "cus_1");
  EXPECT_EQ(run(store.older({"a@b.c", ever}, newest_position(), 10)).size(), 1U);
  EXPECT_EQ(run(store.newer({"a@b.c", ever}, {now, "cus_1"}, 10)).size(), 1U);

  idempotency::Store answers(*database);
  idempotency::KeptAnswer const answer{"POST /v1/customers", "print", "req_1", 200, "{}"};
  run(database->batch({idempotency::Store::insert("key", answer, now)}));
  EXPECT_THROW(run(database->batch({idempotency::Store::insert("key", answer, now)})), db::Error);
  EXPECT_EQ(run(answers.find("key", now - 1h))->status, 200);
  run(database->batch({idempotency::Store::remove_before(now)}));
  EXPECT_FALSE(run(answers.find("key", now - 1h)));
}

}  // namespace
}  // namespace balcao

#include "payments/webhooks/messages.hpp"

#include "payments/migrations.hpp"

#include "../platform/db/database_fixture.hpp"

namespace balcao::payments {
namespace {

class MessagesTest : public balcao::test::DatabaseTest {
 protected:
  struct Endpoint {
    Uuid id;
    Id<Owner> owner;
    bool everyone = false;
    std::string types = {};
    std::optional<Time> disabled_at = std::nullopt;
  };

  Endpoint add(Endpoint endpoint) {
    static constexpr db::Statement insert{"insert", R"(INSERT INTO payments.webhook_endpoints
      (id, owner_id, everyone, url, description, types, secret, disabled_at, disabled_reason,
       created_at, updated_at)
    VALUES ($1, $2, $3, '', '', $4, $5, $6, $7, $8, $8))"};
    auto const reason = endpoint.disabled_at ? std::optional("requested") : std::nullopt;
    run(database->query(insert, endpoint.id, endpoint.owner, endpoint.everyone, endpoint.types, db::Bytes{"x"},
                        endpoint.disabled_at, reason, clock.now()));
    return endpoint;
  }

  std::vector<Uuid> told(Message const& message) {
    static constexpr db::Statement read{"read", R"(SELECT endpoint_id FROM payments.webhook_deliveries
    WHERE status = 'pending' AND attempts = 0 AND next_at = created_at ORDER BY endpoint_id)"};
    static constexpr db::Statement clear{"clear", "DELETE FROM payments.webhook_deliveries"};
    run(database->batch(messages.calls(message)));
    std::vector<Uuid> endpoints;
    for (auto const& row : run(database->query(read))) endpoints.push_back(row.get<Uuid>(0));
    run(database->query(clear));
    return endpoints;
  }

  Uuid id() { return Uuid::make(clock.now()); }

  balcao::test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("payments", migrations, clock.now());
  jobs::Jobs jobs{*database, "payments", clock};
  Messages messages{jobs, clock};
  Id<Owner> const ana{id()};
  Id<Owner> const bia{id()};
};

TEST_F(MessagesTest, AreForWhoListens) {
  Message const paid{ana, std::string(message_types::payment_succeeded), {{"amount", 5000}}};
  EXPECT_TRUE(told(paid).empty());

  auto const all = add({id(), ana}).id;
  auto const some = add({id(), ana, false, " refund.created payment.succeeded "}).id;
  add({id(), ana, false, " payment.canceled "});
  add({id(), ana, false, {}, clock.now()});
  add({id(), bia});
  auto const everyone = add({id(), bia, true}).id;
  EXPECT_EQ(told(paid), (std::vector{all, some, everyone}));
}

TEST_F(MessagesTest, SayWhatAndWhen) {
  EXPECT_EQ(message_body("payment.succeeded", *parse_rfc3339("2026-11-24T10:00:00Z"), {{"amount", 5000}}),
            R"({"type":"payment.succeeded","timestamp":"2026-11-24T10:00:00.000000Z","data":{"amount":5000}})");
}

}  // namespace
}  // namespace balcao::payments

#include "gateway_fixture.hpp"

namespace balcao::test {
namespace {

using namespace std::chrono_literals;

class Events : public GatewayTest {
 protected:
  std::vector<std::string> types(std::string query = {}) {
    std::vector<std::string> found;
    for (auto const& event : get("/v1/events?limit=100&" + query).at("/data").as_array()) {
      found.emplace_back(event.at("type").as_string());
    }
    return found;
  }
  std::string new_endpoint(std::string events = "enabled_events[]=*") {
    return post("/v1/webhook_endpoints", "url=http://127.0.0.1:9/hook&" + events).text("/id");
  }

  using Types = std::vector<std::string>;
};

TEST_F(Events, tell_what_happened_and_what_caused_it) {
  auto const made = post("/v1/customers", "name=Ana", {{"Idempotency-Key", "k1"}});
  auto const event = get("/v1/events").at("/data/0");
  EXPECT_TRUE(event.at("id").as_string().starts_with("evt_"));
  EXPECT_EQ(event.at("object"), "event");
  EXPECT_EQ(event.at("api_version"), "2026-10-28.endive");
  EXPECT_EQ(event.at("type"), "customer.created");
  EXPECT_EQ(event.at("livemode"), false);
  EXPECT_EQ(event.at("pending_webhooks"), 0);
  EXPECT_EQ(event.at_pointer("/data/object"), made.body);
  EXPECT_EQ(event.at("data").as_object().if_contains("previous_attributes"), nullptr);
  EXPECT_EQ(event.at_pointer("/request/id").as_string(), made.header("request-id"));
  EXPECT_EQ(event.at_pointer("/request/idempotency_key"), "k1");
  EXPECT_EQ(get("/v1/events/" + std::string(event.at("id").as_string())).body, event);
}

TEST_F(Events, of_an_update_tell_what_was_there_before) {
  auto const id = new_customer("name=Ana&phone=1");
  clock.advance(1s);
  post("/v1/customers/" + id, "name=Bia");
  auto const event = get("/v1/events").at("/data/0");
  EXPECT_EQ(event.at("type"), "customer.updated");
  EXPECT_EQ(event.at_pointer("/data/previous_attributes"), json::Value({{"name", "Ana"}}));
  EXPECT_EQ(event.at_pointer("/data/object/name"), "Bia");
}

TEST_F(Events, are_not_told_of_what_did_not_happen) {
  post("/v1/customers", "unknown=1");
  post("/v1/customers/cus_unknown", "name=Ana");
  Headers const key{{"Idempotency-Key", "k"}};
  post("/v1/customers", "name=Ana", key);
  post("/v1/customers", "name=Ana", key);  // replayed
  EXPECT_EQ(types(), Types{"customer.created"});
}

TEST_F(Events, are_listed_newest_first_and_filtered) {
  auto const id = new_customer();
  clock.advance(1s);
  post("/v1/customers/" + id, "name=Ana");
  clock.advance(1s);
  del("/v1/customers/" + id);
  Types const all{"customer.deleted", "customer.updated", "customer.created"};
  EXPECT_EQ(types(), all);
  EXPECT_EQ(types("type=customer.updated"), Types{"customer.updated"});
  EXPECT_EQ(types("type=customer.*"), all);
  EXPECT_EQ(types("type=charge.*"), Types{});
  EXPECT_EQ(types("types[]=customer.created&types[]=customer.deleted"),
            (Types{"customer.deleted", "customer.created"}));
  EXPECT_EQ(types("created[gt]=1800000000&created[lte]=1800000001"), Types{"customer.updated"});

  auto const newest = get("/v1/events?limit=1");
  EXPECT_TRUE(newest.at("/has_more").as_bool());
  EXPECT_EQ(types("starting_after=" + newest.text("/data/0/id")), (Types{"customer.updated", "customer.created"}));
  auto const oldest = get("/v1/events?type=customer.created").text("/data/0/id");
  EXPECT_EQ(types("ending_before=" + oldest), (Types{"customer.deleted", "customer.updated"}));

  EXPECT_EQ(get("/v1/events?type=a.b&types[]=a.b").status(), 400);
  EXPECT_EQ(get("/v1/events?starting_after=evt_unknown").error("code"), "resource_missing");
  EXPECT_EQ(get("/v1/events?unknown=1").error("code"), "parameter_unknown");
  EXPECT_EQ(get("/v1/events/evt_unknown").status(), 404);
}

TEST_F(Events, are_kept_for_thirty_days) {
  new_customer();
  auto const id = get("/v1/events").text("/data/0/id");
  clock.advance(30 * 24h - 1s);
  EXPECT_EQ(types(), Types{"customer.created"});
  clock.advance(2s);
  EXPECT_EQ(types(), Types{});
  EXPECT_EQ(get("/v1/events/" + id).status(), 404);
  new_customer();
  EXPECT_EQ(types(), Types{"customer.created"});
}

TEST_F(Events, count_those_who_have_not_heard_of_them) {
  new_endpoint();
  new_endpoint("enabled_events[]=customer.created&enabled_events[]=customer.deleted");
  auto const id = new_customer();
  clock.advance(1s);
  post("/v1/customers/" + id, "name=Ana");
  EXPECT_EQ(get("/v1/events?type=customer.created").at("/data/0/pending_webhooks"), 2);
  EXPECT_EQ(get("/v1/events?type=customer.updated").at("/data/0/pending_webhooks"), 1);
  EXPECT_EQ(types("delivery_success=false"), (Types{"customer.updated", "customer.created"}));
  EXPECT_EQ(types("delivery_success=true"), Types{});
}

TEST_F(Events, endpoints_are_made_changed_and_removed) {
  auto const made =
      post("/v1/webhook_endpoints",
           "url=https://example.com/hook&enabled_events[]=customer.created&description=Shop&metadata[a]=1");
  EXPECT_TRUE(made.text("/id").starts_with("we_"));
  EXPECT_TRUE(made.text("/secret").starts_with("whsec_"));
  EXPECT_EQ(made.text("/status"), "enabled");
  auto const target = "/v1/webhook_endpoints/" + made.text("/id");
  auto const seen = get(target);
  EXPECT_EQ(seen.body.as_object().if_contains("secret"), nullptr);
  EXPECT_EQ(seen.text("/metadata/a"), "1");
  EXPECT_EQ(seen.text("/description"), "Shop");

  auto const changed = post(target, "disabled=true&enabled_events[]=*&url=http://localhost:1/other?a=b");
  EXPECT_EQ(changed.text("/status"), "disabled");
  EXPECT_EQ(changed.text("/url"), "http://localhost:1/other?a=b");
  clock.advance(1s);
  new_customer();
  EXPECT_EQ(get("/v1/events").at("/data/0/pending_webhooks"), 0);
  EXPECT_EQ(post(target, "disabled=false").text("/status"), "enabled");
  clock.advance(1s);
  new_customer();
  EXPECT_EQ(get("/v1/events").at("/data/0/pending_webhooks"), 1);

  EXPECT_EQ(del(target).at("/deleted"), true);
  EXPECT_EQ(get(target).status(), 404);
  EXPECT_EQ(del(target).status(), 404);
  clock.advance(1s);
  new_customer();
  EXPECT_EQ(get("/v1/events").at("/data/0/pending_webhooks"), 0);
}

TEST_F(Events, an_endpoint_has_an_address_and_types) {
  auto const status = [&](std::string form) { return post("/v1/webhook_endpoints", std::move(form)).status(); };
  EXPECT_EQ(status("url=http://localhost/"), 400);
  EXPECT_EQ(status("enabled_events[]=*"), 400);
  for (std::string const url :
       {"", "localhost", "ftp://localhost/", "http://", "http://a/#b", "http://a b/", "http:///"}) {
    EXPECT_EQ(status("enabled_events[]=*&url=" + url), 400) << url;
  }
  for (std::string const type : {"", "customer", "customer.Created", "**"}) {
    EXPECT_EQ(status("url=http://localhost/&enabled_events[]=" + type), 400) << type;
  }
  for (int i = 0; i < 16; ++i) EXPECT_EQ(status("url=http://localhost&enabled_events[]=*"), 200);
  EXPECT_EQ(status("url=http://localhost&enabled_events[]=*"), 400);
}

TEST_F(Events, endpoints_are_listed_page_by_page) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(new_endpoint());
    clock.advance(1s);
  }
  auto const first = get("/v1/webhook_endpoints?limit=2");
  EXPECT_EQ(first.text("/data/0/id"), ids[2]);
  EXPECT_EQ(first.at("/has_more"), true);
  auto const second = get("/v1/webhook_endpoints?limit=2&starting_after=" + ids[1]);
  EXPECT_EQ(second.at("/data").as_array().size(), 1u);
  EXPECT_EQ(second.text("/data/0/id"), ids[0]);
  EXPECT_EQ(second.at("/has_more"), false);
  auto const before = get("/v1/webhook_endpoints?limit=1&ending_before=" + ids[0]);
  EXPECT_EQ(before.text("/data/0/id"), ids[1]);
  EXPECT_EQ(before.at("/has_more"), true);
}

}  // namespace
}  // namespace balcao::test

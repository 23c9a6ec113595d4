#include <set>

#include "gateway_fixture.hpp"

namespace balcao::test {
namespace {

using namespace std::chrono_literals;

class Customers : public GatewayTest {
 protected:
  std::vector<std::string> ids(std::string target) {
    std::vector<std::string> ids;
    auto const answer = get(std::move(target));
    EXPECT_EQ(answer.status(), 200) << answer.response.body;
    if (answer.status() != 200) return ids;
    for (auto const& customer : answer.at("/data").as_array()) ids.emplace_back(customer.at("id").as_string());
    return ids;
  }

  /// From the oldest to the newest, a second apart.
  std::vector<std::string> make(std::size_t count) {
    std::vector<std::string> made;
    while (made.size() < count) {
      made.push_back(new_customer("email=n" + std::to_string(made.size()) + "@example.com"));
      clock.advance(1s);
    }
    return made;
  }

  void expect_fault(Answer const& answer, int status, std::string_view code, std::string_view param) {
    EXPECT_EQ(answer.status(), status) << answer.response.body;
    EXPECT_EQ(answer.error("type"), "invalid_request_error");
    EXPECT_EQ(answer.error("code"), code);
    EXPECT_EQ(answer.error("param"), param);
    EXPECT_FALSE(answer.error("message").empty());
  }
};

TEST_F(Customers, a_new_one_has_what_was_sent) {
  auto const made = post("/v1/customers",
                         "email=ana%40example.com&name=Ana&phone=%2B5511987654321&description=regular"
                         "&address[city]=Recife&address[country]=BR&metadata[shop]=2&preferred_locales[]=pt-BR"
                         "&shipping[name]=Ana&shipping[address][line1]=Rua+1&tax_exempt=reverse&balance=-150");
  ASSERT_EQ(made.status(), 200) << made.response.body;
  EXPECT_TRUE(made.text("/id").starts_with("cus_"));
  EXPECT_EQ(made.text("/id").size(), 18u);
  EXPECT_EQ(made.text("/email"), "ana@example.com");
  EXPECT_EQ(made.text("/address/city"), "Recife");
  EXPECT_TRUE(made.at("/address/line1").is_null());
  EXPECT_EQ(made.text("/shipping/address/line1"), "Rua 1");
  EXPECT_EQ(made.text("/metadata/shop"), "2");
  EXPECT_EQ(made.text("/preferred_locales/0"), "pt-BR");
  EXPECT_EQ(made.text("/tax_exempt"), "reverse");
  EXPECT_EQ(made.at("/balance").as_int64(), -150);
  EXPECT_EQ(made.at("/created").as_int64(), 1'800'000'000);
  EXPECT_FALSE(made.at("/livemode").as_bool());
  EXPECT_EQ(get("/v1/customers/" + made.text("/id")).response.body, made.response.body);
}

TEST_F(Customers, an_update_changes_what_it_names_and_empty_unsets) {
  auto const id = new_customer("name=Ana&description=regular&metadata[a]=1&metadata[b]=2&address[city]=Recife");
  auto const url = "/v1/customers/" + id;
  auto const changed = post(url, "name=&metadata[a]=&metadata[c]=3&address=");
  EXPECT_TRUE(changed.at("/name").is_null());
  EXPECT_TRUE(changed.at("/address").is_null());
  EXPECT_EQ(changed.text("/description"), "regular");
  EXPECT_EQ(json::to_text(changed.at("/metadata")), R"({"b":"2","c":"3"})");
  EXPECT_EQ(json::to_text(post(url, "metadata=").at("/metadata")), "{}");
}

TEST_F(Customers, updates_at_once_lose_nothing) {
  auto const url = "/v1/customers/" + new_customer();
  send_at_once({{"POST", url, "metadata[a]=1"}, {"POST", url, "metadata[b]=2"}, {"POST", url, "name=Ana"}});
  auto const customer = get(url);
  EXPECT_EQ(customer.text("/metadata/a"), "1");
  EXPECT_EQ(customer.text("/metadata/b"), "2");
  EXPECT_EQ(customer.text("/name"), "Ana");
}

TEST_F(Customers, a_deleted_one_says_so_and_is_in_no_list) {
  auto const id = new_customer("email=ana@example.com");
  auto const url = "/v1/customers/" + id;
  auto const gone = R"({"id":")" + id + R"(","object":"customer","deleted":true})";
  EXPECT_EQ(del(url).response.body, gone);
  EXPECT_EQ(get(url).response.body, gone);
  EXPECT_EQ(count_customers(), 0u);
  expect_fault(del(url), 404, "resource_missing", "id");
  expect_fault(post(url, "name=Ana"), 404, "resource_missing", "id");
}

TEST_F(Customers, an_unknown_one_is_missing) {
  auto const answer = get("/v1/customers/cus_unknown");
  expect_fault(answer, 404, "resource_missing", "id");
  EXPECT_EQ(answer.error("message"), "No such customer: 'cus_unknown'");
  EXPECT_EQ(answer.error("doc_url"), "https://stripe.com/docs/error-codes/resource-missing");
}

TEST_F(Customers, bad_parameters_are_named) {
  auto const create = [&](std::string form) { return post("/v1/customers", std::move(form)); };
  expect_fault(create("nome=Ana"), 400, "parameter_unknown", "nome");
  expect_fault(create("address[planet]=Mars"), 400, "parameter_unknown", "address[planet]");
  expect_fault(create("email=ana"), 400, "email_invalid", "email");
  expect_fault(create("email=" + std::string(510, 'a') + "@b.c"), 400, "", "email");
  expect_fault(create("name=" + std::string(257, 'a')), 400, "", "name");
  expect_fault(create("description=" + std::string(5001, 'a')), 400, "", "description");
  expect_fault(create("metadata[" + std::string(41, 'k') + "]=1"), 400, "", "metadata");
  expect_fault(create("metadata[k]=" + std::string(501, 'v')), 400, "", "metadata[k]");
  expect_fault(create("tax_exempt=perhaps"), 400, "", "tax_exempt");
  expect_fault(create("balance=much"), 400, "parameter_invalid_integer", "balance");
  expect_fault(create("shipping[phone]=1"), 400, "parameter_missing", "shipping[name]");
  expect_fault(create("tax_id_data[0][type]=br_cpf&tax_id_data[0][value]=123"), 400, "tax_id_invalid",
               "tax_id_data[0][value]");
  expect_fault(create("expand[]=everything"), 400, "", "expand");
  std::string keys;
  for (int i = 0; i < 51; ++i) keys += "metadata[k" + std::to_string(i) + "]=1&";
  expect_fault(create(keys), 400, "", "metadata");
  EXPECT_EQ(count_customers(), 0u);
  EXPECT_EQ(create("name=" + std::string(256, 'a')).status(), 200);
}

TEST_F(Customers, tax_ids_are_shown_when_they_are_asked_for) {
  auto const made =
      post("/v1/customers", "tax_id_data[][type]=br_cpf&tax_id_data[][value]=123.456.789-01&expand[]=tax_ids");
  ASSERT_EQ(made.status(), 200) << made.response.body;
  EXPECT_EQ(made.text("/tax_ids/data/0/country"), "BR");
  auto const url = "/v1/customers/" + made.text("/id");
  EXPECT_FALSE(get(url).body.as_object().contains("tax_ids"));
  EXPECT_EQ(get(url + "?expand[]=tax_ids").text("/tax_ids/data/0/value"), "123.456.789-01");
  EXPECT_EQ(get("/v1/customers?expand[]=data.tax_ids").text("/data/0/tax_ids/data/0/type"), "br_cpf");
}

TEST_F(Customers, a_list_pages_in_both_directions) {
  auto const made = make(5);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids("/v1/customers?limit=2"), (Ids{made[4], made[3]}));
  EXPECT_EQ(ids("/v1/customers?limit=2&starting_after=" + made[3]), (Ids{made[2], made[1]}));
  EXPECT_EQ(ids("/v1/customers?limit=2&ending_before=" + made[1]), (Ids{made[3], made[2]}));
  EXPECT_TRUE(get("/v1/customers?limit=4").at("/has_more").as_bool());
  EXPECT_FALSE(get("/v1/customers?limit=5").at("/has_more").as_bool());
  EXPECT_TRUE(get("/v1/customers?limit=2&ending_before=" + made[0]).at("/has_more").as_bool());
  EXPECT_EQ(get("/v1/customers").text("/url"), "/v1/customers");

  expect_fault(get("/v1/customers?limit=0"), 400, "parameter_invalid_integer", "limit");
  expect_fault(get("/v1/customers?limit=101"), 400, "parameter_invalid_integer", "limit");
  expect_fault(get("/v1/customers?starting_after=cus_x"), 400, "resource_missing", "starting_after");
  expect_fault(get("/v1/customers?starting_after=a&ending_before=b"), 400, "", "ending_before");
}

TEST_F(Customers, customers_of_one_moment_are_neither_lost_nor_doubled) {
  std::set<std::string> made;
  for (int i = 0; i < 25; ++i) made.insert(new_customer());
  std::set<std::string> seen;
  std::string after;
  for (std::size_t steps = 0; steps < 3; ++steps) {
    for (auto& id : ids("/v1/customers?limit=10" + after)) {
      EXPECT_TRUE(seen.insert(id).second);
      after = "&starting_after=" + id;
    }
  }
  EXPECT_EQ(seen, made);
}

TEST_F(Customers, a_list_is_filtered) {
  auto const made = make(4);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids("/v1/customers?email=n2%40example.com"), Ids{made[2]});
  EXPECT_EQ(ids("/v1/customers?email=N2%40example.com"), Ids{});
  EXPECT_EQ(ids("/v1/customers?email=n2%40example.com&ending_before=" + made[0]), Ids{made[2]});
  EXPECT_EQ(ids("/v1/customers?created=1800000001"), Ids{made[1]});
  EXPECT_EQ(ids("/v1/customers?created[gte]=1800000002"), (Ids{made[3], made[2]}));
  EXPECT_EQ(ids("/v1/customers?created[gt]=1800000002"), Ids{made[3]});
  EXPECT_EQ(ids("/v1/customers?created[lt]=1800000001"), Ids{made[0]});
  EXPECT_EQ(ids("/v1/customers?created%5Blte%5D=1800000001&created%5Bgt%5D=1800000000"), Ids{made[1]});
  expect_fault(get("/v1/customers?created[around]=1"), 400, "parameter_unknown", "created[around]");
}

TEST_F(Customers, a_search_finds_by_its_clauses) {
  auto const ana = new_customer("email=ana@example.com&name=Ana+Lima&metadata[shop]=2");
  auto const bia = new_customer("email=bia@example.com&name=Bia+Lima&metadata[shop]=3");
  auto const search = [&](std::string query) {
    for (std::size_t at; (at = query.find(' ')) != query.npos;) query[at] = '+';
    auto found = ids("/v1/customers/search?query=" + query);
    return std::set<std::string>(found.begin(), found.end());
  };
  using Found = std::set<std::string>;
  EXPECT_EQ(search("email:'ANA@example.com'"), Found{ana});
  EXPECT_EQ(search("name~\"lima\""), (Found{ana, bia}));
  EXPECT_EQ(search("name~'lima' AND metadata['shop']:'3'"), Found{bia});
  EXPECT_EQ(search("-email:'ana@example.com'"), Found{bia});
  EXPECT_EQ(search("email:'an'"), Found{});
  for (auto const* query :
       {"email", "email:", "email:'a", "name~'li'", "metadata[shop]:'3'", "age:'3'", "email:'a' email:'b'"}) {
    EXPECT_EQ(get("/v1/customers/search?query=" + std::string(query)).status(), 400) << query;
  }
  expect_fault(get("/v1/customers/search"), 400, "parameter_missing", "query");
}

TEST_F(Customers, a_search_pages_through_everything_that_it_finds) {
  for (int i = 0; i < 230; ++i) new_customer(i % 2 == 0 ? "name=Even" : "name=Odd");
  std::set<std::string> seen;
  std::string page;
  for (bool more = true; more;) {
    auto const found = get("/v1/customers/search?limit=50&query=name:'even'" + page);
    ASSERT_EQ(found.text("/object"), "search_result");
    for (auto const& customer : found.at("/data").as_array()) seen.emplace(customer.at("id").as_string());
    more = found.at("/has_more").as_bool();
    if (more) page = "&page=" + found.text("/next_page");
  }
  EXPECT_EQ(seen.size(), 115u);
}

}  // namespace
}  // namespace balcao::test

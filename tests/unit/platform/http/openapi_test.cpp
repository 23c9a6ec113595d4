#include "platform/http/openapi.hpp"

#include "calls.hpp"
#include "platform/fields.hpp"
#include "platform/http/paging.hpp"
#include "platform/json/describe.hpp"

namespace balcao::http {
namespace {

struct Thing;

struct Inner {
  std::int64_t count;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (count))

struct Order {
  BoundedText<1, 20> name;
  std::optional<Email> email;
  std::vector<Inner> items;
  std::optional<Inner> extra;
};
BOOST_DESCRIBE_STRUCT(Order, (), (name, email, items, extra))

struct Filter {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<Thing>> cursor;
};
BOOST_DESCRIBE_STRUCT(Filter, (), (limit, cursor))

struct Shop {};

Task<Created<Inner>> place(Shop&, Caller, Path<"id", Id<Thing>>, Body<Order>) { co_return Created<Inner>{{1}, "/"}; }
Task<Paged<Inner>> list(Shop&, Target, Query<Filter>, Header<"If-Match">) { co_return Paged<Inner>{{1}, {}}; }
Task<NoContent> clear(Shop&, Caller) { co_return NoContent{}; }

class OpenApiTest : public testing::Test {
 protected:
  json::Value const& at(std::string_view pointer) const { return document.at_pointer(pointer); }
  bool has(std::string_view pointer) const {
    boost::system::error_code fault;
    return document.find_pointer(pointer, fault) != nullptr;
  }

  Shop shop;
  json::Value document =
      json::parse(
          openapi({endpoint(Method::post, "/things/{id}/orders", Access::user.with_scope("orders:write"),
                            {"T", "place", "Place an order", {&problems::precondition_failed}}, shop, place),
                   endpoint(Method::get, "/things", Access::anyone, {"T", "list", "List"}, shop, list),
                   endpoint(Method::del, "/things", Access::administrator, {"T", "clear", "Clear"}, shop, clear)},
                  "1.2.3"))
          .value();
};

TEST_F(OpenApiTest, SaysWhatItIs) {
  EXPECT_EQ(at("/openapi"), "3.1.0");
  EXPECT_EQ(at("/info/version"), "1.2.3");
  EXPECT_EQ(at("/paths").as_object().size(), 2U);
  EXPECT_EQ(at("/paths/~1things/get/operationId"), "list");
  EXPECT_EQ(at("/paths/~1things/delete/operationId"), "clear");
}

TEST_F(OpenApiTest, DescribesABodyByItsType) {
  std::string const post = "/paths/~1things~1{id}~1orders/post";
  for (auto const* type : {"application~1json", "application~1x-www-form-urlencoded"}) {
    EXPECT_EQ(at(post + "/requestBody/content/" + type + "/schema/$ref"), "#/components/schemas/Order");
  }
  EXPECT_EQ(at("/components/schemas/Order/required"), (json::Array{"name", "items"}));
  EXPECT_EQ(at("/components/schemas/Order/additionalProperties"), false);
  EXPECT_EQ(at("/components/schemas/Order/properties/name/maxLength"), 20);
  EXPECT_EQ(at("/components/schemas/Order/properties/email/type"), (json::Array{"string", "null"}));
  EXPECT_EQ(at("/components/schemas/Order/properties/items/items/$ref"), "#/components/schemas/Inner");
  EXPECT_EQ(at("/components/schemas/Order/properties/extra/anyOf/1/type"), "null");
  EXPECT_EQ(at(post + "/responses/201/content/application~1json/schema/$ref"), "#/components/schemas/Inner");
}

TEST_F(OpenApiTest, DescribesParameters) {
  auto const& path = at("/paths/~1things~1{id}~1orders/post/parameters/0");
  EXPECT_EQ(path.at("name"), "id");
  EXPECT_EQ(path.at("in"), "path");
  EXPECT_EQ(path.at("required"), true);
  EXPECT_EQ(path.at("schema").at("format"), "uuid");
  auto const& query = at("/paths/~1things/get/parameters/0");
  EXPECT_EQ(query.at("name"), "limit");
  EXPECT_EQ(query.at("in"), "query");
  EXPECT_EQ(query.at("schema").at("type"), "integer") << "a parameter that is left out is not null";
  EXPECT_EQ(query.at("schema").at("maximum"), 100);
  EXPECT_EQ(at("/paths/~1things/get/parameters/2/name"), "If-Match");
  EXPECT_FALSE(has("/components/schemas/Filter"));
}

TEST_F(OpenApiTest, NamesEveryProblem) {
  std::string const post = "/paths/~1things~1{id}~1orders/post/responses/";
  for (auto const* status : {"400", "401", "403", "404", "412", "413", "415", "422", "503"}) {
    EXPECT_EQ(at(post + status + "/content/application~1problem+json/schema/$ref"), "#/components/schemas/Problem")
        << status;
  }
  EXPECT_TRUE(has("/paths/~1things/delete/responses/403"));
  EXPECT_FALSE(has("/paths/~1things/get/responses/403"));
  EXPECT_FALSE(has("/paths/~1things/get/responses/401"));
  EXPECT_TRUE(has("/paths/~1things/delete/security/0/bearer"));
  EXPECT_FALSE(has("/paths/~1things/get/security"));
}

TEST_F(OpenApiTest, NamesTheScopeOfServiceAccounts) {
  auto const& security = at("/paths/~1things~1{id}~1orders/post/security").as_array();
  ASSERT_EQ(security.size(), 2U) << "either is enough";
  EXPECT_EQ(security[1].at("service_account"), (json::Array{"orders:write"}));
  EXPECT_EQ(at("/paths/~1things/delete/security").as_array().size(), 1U);
  EXPECT_EQ(at("/components/securitySchemes/service_account/flows/clientCredentials/scopes"),
            (json::Object{{"orders:write", "place"}}));
}

TEST_F(OpenApiTest, RefersOnlyToWhatIsThere) {
  auto const text = json::to_text(document);
  constexpr std::string_view start = R"("$ref":"#/components/schemas/)";
  for (auto found = text.find(start); found != text.npos; found = text.find(start, found + 1)) {
    auto const name = text.substr(found + start.size(), text.find('"', found + start.size()) - found - start.size());
    EXPECT_TRUE(has("/components/schemas/" + name)) << name;
  }
}

}  // namespace
}  // namespace balcao::http

#include <fstream>
#include <iterator>

#include "payments_fixture.hpp"

namespace balcao::test {
namespace {

std::filesystem::path const descriptions = std::filesystem::path(BALCAO_SOURCE_DIR) / ".." / "shared" / "stripe";

std::optional<json::Value> read_document(char const* name) {
  std::ifstream file(descriptions / name);
  if (!file) return std::nullopt;
  std::string const text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return json::parse(text).value();
}

/// Checks values against the schemas of an OpenAPI 3.0 document, as far as Stripe's uses them.
class Shapes {
 public:
  explicit Shapes(json::Value const& document) : document_(document) {}

  /// What does not fit, as paths into the value.
  std::vector<std::string> faults(json::Value const& value, std::string_view schema) const {
    std::vector<std::string> found;
    check(value, document_.at_pointer("/components/schemas/" + std::string(schema)).as_object(), "", found);
    return found;
  }

 private:
  using Faults = std::vector<std::string>;

  void check(json::Value const& value, json::Object schema, std::string const& path, Faults& found) const {
    if (auto const* reference = schema.if_contains("$ref")) {
      std::string const target(reference->as_string());
      schema = document_.at_pointer(target.substr(1)).as_object();
    }
    auto const* nullable = schema.if_contains("nullable");
    if (value.is_null() && nullable && nullable->as_bool()) return;
    if (auto const* choices = schema.if_contains("anyOf")) return check_choice(value, choices->as_array(), path, found);
    if (auto const* type = schema.if_contains("type"); type && !has_type(value, type->as_string())) {
      found.push_back(path + " is no " + std::string(type->as_string()));
      return;
    }
    if (auto const* names = schema.if_contains("enum"); names && !contains(names->as_array(), value)) {
      found.push_back(path + " is none of the values");
    }
    if (value.is_object()) check_members(value.as_object(), schema, path, found);
    if (value.is_array()) {
      for (auto const& element : value.as_array()) check(element, schema.at("items").as_object(), path + "[]", found);
    }
  }

  void check_choice(json::Value const& value, json::Array const& choices, std::string const& path,
                    Faults& found) const {
    for (auto const& choice : choices) {
      Faults own;
      check(value, choice.as_object(), path, own);
      if (own.empty()) return;
    }
    found.push_back(path + " fits no choice");
  }

  void check_members(json::Object const& object, json::Object const& schema, std::string const& path,
                     Faults& found) const {
    auto const* properties = schema.if_contains("properties");
    if (!properties) return;  // a map, such as metadata
    for (auto const& [name, member] : object) {
      auto const* property = properties->as_object().if_contains(name);
      auto const inner = path + "/" + std::string(name);
      if (!property) {
        found.push_back(inner + " is unknown");
      } else {
        check(member, property->as_object(), inner, found);
      }
    }
    auto const* required = schema.if_contains("required");
    for (auto const& name : required ? required->as_array() : json::Array{}) {
      if (!object.contains(name.as_string()))
        found.push_back(path + "/" + std::string(name.as_string()) + " is missing");
    }
  }

  static bool has_type(json::Value const& value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "boolean") return value.is_bool();
    if (type == "array") return value.is_array();
    return type != "object" || value.is_object();
  }

  static bool contains(json::Array const& values, json::Value const& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  }

  json::Value const& document_;
};

class ShapesTest : public PaymentsTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(descriptions)) {
      GTEST_SKIP() << "Stripe's own descriptions are not on this machine: the shapes are not compared";
    }
    document = read_document("spec3.json");
    ASSERT_TRUE(document);
  }

  void expect_shape(json::Value const& value, std::string_view schema) {
    EXPECT_EQ(Shapes(*document).faults(value, schema), std::vector<std::string>{}) << json::to_text(value);
  }

  std::optional<json::Value> document;
};

TEST_F(ShapesTest, customers_are_as_documented) {
  expect_shape(post("/v1/customers").body, "customer");
  auto const full = post("/v1/customers",
                         "email=a@b.c&name=Ana&address[city]=Recife&shipping[name]=Ana&shipping[address][city]=Recife"
                         "&metadata[a]=1&preferred_locales[0]=pt&tax_id_data[0][type]=br_cnpj"
                         "&tax_id_data[0][value]=12345678000195&expand[0]=tax_ids");
  expect_shape(full.body, "customer");
  expect_shape(full.at("/tax_ids/data/0"), "tax_id");
  expect_shape(del("/v1/customers/" + full.text("/id")).body, "deleted_customer");
}

TEST_F(ShapesTest, a_customer_has_every_member_of_the_example) {
  auto const examples = read_document("fixtures3.json");
  ASSERT_TRUE(examples);
  auto const made = post("/v1/customers");
  for (auto const& member : examples->at_pointer("/resources/customer").as_object()) {
    EXPECT_TRUE(made.body.as_object().contains(member.key())) << member.key();
  }
}

TEST_F(ShapesTest, payments_are_as_documented) {
  for (auto const& form : {card("visa"), card("visa") + "&capture_method=manual", card("threeDSecure2Required"),
                           card("createDispute"), std::string(pix), std::string(boleto)}) {
    auto const made = pay(form, "expand[]=payment_method&expand[]=latest_charge.balance_transaction");
    expect_shape(made.body, "payment_intent");
    expect_shape(made.at("/payment_method"), "payment_method");
  }
  expect_shape(pay(card("chargeDeclined")).body, "error");
  auto const id = pay(boleto).text("/id");
  expect_shape(act(id, "succeed").body, "payment_intent");
  expect_shape(act(id, "succeed").body, "payment_intent");
  auto const canceled = create().text("/id");
  expect_shape(on_intent(canceled, "cancel", "cancellation_reason=duplicate").body, "payment_intent");
  for (auto const& charge : get("/v1/charges?limit=100").at("/data").as_array()) expect_shape(charge, "charge");
}

TEST_F(ShapesTest, what_follows_a_payment_is_as_documented) {
  auto const id = pay(card("refundFail")).text("/id");
  expect_shape(post("/v1/refunds", "amount=100&payment_intent=" + id).body, "refund");
  wait(std::chrono::seconds(3));
  expect_shape(get("/v1/refunds").at("/data/0"), "refund");
  pay(card("createDispute"));
  auto const dispute = get("/v1/disputes").at("/data/0");
  expect_shape(dispute, "dispute");
  for (auto const& transaction : get("/v1/balance_transactions").at("/data").as_array()) {
    expect_shape(transaction, "balance_transaction");
  }
  expect_shape(get("/v1/balance").body, "balance");
}

TEST_F(ShapesTest, payments_have_every_member_of_the_examples) {
  auto const examples = read_document("fixtures3.json");
  ASSERT_TRUE(examples);
  auto const made = pay(card("createDispute"), "expand[]=payment_method&expand[]=latest_charge.balance_transaction");
  auto const refunded = pay(card("visa")).text("/id");
  std::map<std::string, json::Value> const shown{
      {"payment_intent", made.body},
      {"payment_method", made.at("/payment_method")},
      {"charge", made.at("/latest_charge")},
      {"balance_transaction", made.at("/latest_charge/balance_transaction")},
      {"refund", post("/v1/refunds", "payment_intent=" + refunded).body},
      {"dispute", get("/v1/disputes").at("/data/0")},
  };
  for (auto const& [kind, object] : shown) {
    // The examples are newer than the description, which decides what a member is.
    auto const& described = document->at_pointer("/components/schemas/" + kind + "/properties").as_object();
    for (auto const& member : examples->at_pointer("/resources/" + kind).as_object()) {
      bool const is_meant = described.contains(member.key()) && !(kind == "charge" && member.key() == "refunds");
      EXPECT_TRUE(!is_meant || object.as_object().contains(member.key())) << kind << ' ' << member.key();
    }
  }
}

TEST_F(ShapesTest, errors_are_as_documented) {
  for (auto const& answer : {post("/v1/customers", "nome=Ana"), get("/v1/customers/cus_unknown"), get("/v1/unicorns"),
                             send({"GET", "/v1/customers", "", {{"Authorization", ""}}})}) {
    expect_shape(answer.body, "error");
  }
}

}  // namespace
}  // namespace balcao::test

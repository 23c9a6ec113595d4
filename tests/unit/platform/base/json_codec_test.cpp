#include <gtest/gtest.h>

#include "platform/fields.hpp"
#include "platform/json/describe.hpp"
#include "platform/json/parse.hpp"

namespace balcao::json {
namespace {

struct Thing;

struct Line {
  Id<Thing> product;
  std::int64_t quantity;
};
BOOST_DESCRIBE_STRUCT(Line, (), (product, quantity))

struct Order {
  BoundedText<2, 5> name;
  std::vector<Line> lines;
  std::optional<bool> paid;
  std::optional<Time> at;
  std::optional<BoundedInteger<1, 9>> stars;
};
BOOST_DESCRIBE_STRUCT(Order, (), (name, lines, paid, at, stars))

struct Flat {
  std::string text;
  std::optional<std::int64_t> number;
  std::optional<bool> truth;
  std::optional<Currency> currency;
};
BOOST_DESCRIBE_STRUCT(Flat, (), (text, number, truth, currency))

template <class T>
struct Wrapped {
  T inner;
};

constexpr std::string_view id = "01890000-0000-7000-8000-000000000001";

template <class T>
std::vector<std::string> faults(std::string_view text, Notation notation = Notation::json) {
  Decoder decoder(notation);
  auto const value = Codec<T>::decode(parse(text).value(), Path(), decoder);
  std::vector<std::string> found;
  for (auto const& fault : decoder.faults()) found.push_back(fault.pointer + ": " + fault.detail.en);
  EXPECT_EQ(value.has_value(), found.empty());
  return found;
}

using Faults = std::vector<std::string>;

TEST(JsonCodec, ReadsAndWrites) {
  auto const text = R"({"name":"Ana","lines":[{"product":")" + std::string(id) +
                    R"(","quantity":2}],"paid":true,"at":"2026-01-31T12:00:00.000001Z","stars":9})";
  Decoder decoder;
  auto const order = Codec<Order>::decode(parse(text).value(), Path(), decoder);
  ASSERT_TRUE(order);
  EXPECT_EQ(order->lines.at(0).product.str(), id);
  EXPECT_EQ(order->stars->number(), 9);
  EXPECT_EQ(encode(*order), text);
}

TEST(JsonCodec, TakesNullForWhatIsLeftOut) {
  EXPECT_EQ(faults<Order>(R"({"name":"Ana","lines":[],"paid":null})"), Faults{});
  EXPECT_EQ(faults<Order>(R"({"name":null,"lines":[]})"), Faults{"/name: It must be a string."});
}

TEST(JsonCodec, FindsAllFaultsAtOnce) {
  auto const found =
      faults<Order>(R"({"name":"a","lines":[{"product":"x","quantity":1.5},{},7,{"product":")" + std::string(id) +
                    R"(","quantity":1,"price":0}],"paid":"true","at":"yesterday","stars":10,"extra":1})");
  EXPECT_EQ(found, (Faults{"/name: It must have 2 to 5 characters.", "/lines/0/product: It must be an id (a UUID).",
                           "/lines/0/quantity: It must be a whole number.", "/lines/1/product: It is required.",
                           "/lines/1/quantity: It is required.", "/lines/2: It must be an object.",
                           "/lines/3/price: There is no such field.", "/paid: It must be true or false.",
                           "/at: It must be a time as in RFC 3339: 2026-01-31T12:00:00Z.",
                           "/stars: It must be from 1 to 9.", "/extra: There is no such field."}));
}

TEST(JsonCodec, WritesPointers) {
  EXPECT_EQ(Path().pointer(), "");
  EXPECT_EQ((Path() / "a" / std::size_t(0)).pointer(), "/a/0");
  auto const found = faults<Flat>(R"({"text":"","a/b~c":1,"":2,"0":3})");
  EXPECT_EQ(found,
            (Faults{"/a~1b~0c: There is no such field.", "/: There is no such field.", "/0: There is no such field."}));
  EXPECT_EQ(faults<Flat>("[]"), Faults{": It must be an object."});
  EXPECT_EQ(faults<Flat>("{}"), Faults{"/text: It is required."});
}

TEST(JsonCodec, TakesIntegersOnly) {
  auto const number = [](std::string_view text) {
    return faults<Flat>(R"({"text":"","number":)" + std::string(text) + '}');
  };
  EXPECT_EQ(number("9223372036854775807"), Faults{});
  EXPECT_EQ(number("-9223372036854775808"), Faults{});
  EXPECT_EQ(number("9223372036854775808"), Faults{"/number: The number is too large."});
  for (auto const* other : {"5.0", "1e2", "true", "\"5\"", "[5]", "99999999999999999999"}) {
    EXPECT_EQ(number(other), Faults{"/number: It must be a whole number."}) << other;
  }
}

TEST(JsonCodec, ReadsFormsAsText) {
  EXPECT_EQ(faults<Flat>(R"({"text":"5","number":"-5","truth":"false","currency":"brl"})", Notation::text), Faults{});
  for (auto const* other : {"", " 5", "5 ", "+5", "5.0", "0x5", "9223372036854775808", "5a"}) {
    EXPECT_EQ(faults<Flat>(R"({"text":"","number":")" + std::string(other) + "\"}", Notation::text),
              Faults{"/number: It must be a whole number."})
        << other;
  }
  EXPECT_EQ(faults<Flat>(R"({"text":"","truth":"True"})", Notation::text), Faults{"/truth: It must be true or false."});
}

TEST(JsonCodec, TellsABoundedNumberOfFaultsAndForgetsNone) {
  std::string lines = R"({"name":"Ana","lines":[7)";
  for (int i = 1; i < 150; ++i) lines += ",7";
  auto const found = faults<Order>(lines + R"(,{"product":"x","quantity":1}]})");
  EXPECT_EQ(found.size(), Decoder::max_faults) << "and what comes after them is refused all the same";
}

TEST(JsonCodec, EscapesText) {
  EXPECT_EQ(encode(Flat{"\"\\\n\x01é", {}, {}, {}}),
            R"({"text":"\"\\\n\u0001é","number":null,"truth":null,"currency":null})");
}

TEST(JsonCodec, NamesTypesInTheSchema) {
  Schemas schemas;
  Codec<Order>::schema(schemas);
  ASSERT_EQ(schemas.components.size(), 2U);
  EXPECT_TRUE(schemas.components.contains("Order"));
  EXPECT_TRUE(schemas.components.contains("Line"));
  EXPECT_EQ(detail::type_name<Wrapped<Order>>(), "WrappedOrder");
  EXPECT_EQ(detail::short_name("[T = balcao::Page<balcao::products::Product>]"), "PageProduct");
  EXPECT_EQ(detail::short_name("[T = balcao::(anonymous namespace)::Query]"), "Query");
}

}  // namespace
}  // namespace balcao::json

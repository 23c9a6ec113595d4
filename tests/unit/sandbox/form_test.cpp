#include "sandbox/transport/form.hpp"

#include <gtest/gtest.h>

#include "platform/json/parse.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox {
namespace {

std::string read(std::string_view text) {
  auto const form = parse_form(text);
  return form ? json::to_text(*form) : std::string("refused: ") + form.error().what();
}

bool refused(std::string_view text) { return !parse_form(text); }

TEST(Form, reads_what_the_sdk_sends) {
  EXPECT_EQ(read(""), "{}");
  EXPECT_EQ(read("a=1&b=two+words&c=%C3%A9%20"), R"({"a":"1","b":"two words","c":"é "})");
  EXPECT_EQ(read("address[city]=X&address%5Bline1%5D=Y"), R"({"address":{"city":"X","line1":"Y"}})");
  EXPECT_EQ(read("expand[0]=a&expand[1]=b"), R"({"expand":{"0":"a","1":"b"}})");
  EXPECT_EQ(read("a=1&&b"), R"({"a":"1","b":""})");
}

TEST(Form, an_array_without_places_counts_by_itself) {
  EXPECT_EQ(read("x[]=a&x[]=b"), R"({"x":{"0":"a","1":"b"}})");
  EXPECT_EQ(read("x[][type]=a&x[][value]=1&x[][type]=b&x[][value]=2"),
            R"({"x":{"0":{"type":"a","value":"1"},"1":{"type":"b","value":"2"}}})");
}

TEST(Form, a_name_that_comes_twice_has_its_last_value) { EXPECT_EQ(read("a=1&a=2"), R"({"a":"2"})"); }

TEST(Form, refuses_what_is_no_form) {
  for (auto const* text : {"a=%", "a=%4", "a=%zz", "a=%FF", "a=%00", "=1", "[a]=1", "a[=1", "a]=1", "a[b]c=1",
                           "a[[b]]=1", "a=1&a[b]=2", "a[b]=2&a=1", "a[b]=1&a[b][c]=2"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
}

TEST(Form, is_bounded) {
  std::string deep = "a";
  for (int i = 0; i < 7; ++i) deep += "[b]";
  EXPECT_FALSE(refused(deep + "=1"));
  EXPECT_TRUE(refused(deep + "[b]=1"));

  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a[" + std::to_string(i) + "]=1&";
  EXPECT_FALSE(refused(many));
  EXPECT_TRUE(refused(many + "b=1"));
}

TEST(Form, its_canonical_text_does_not_depend_on_the_order) {
  auto const text = [](std::string_view form) { return canonical_text(*parse_form(form)); };
  EXPECT_EQ(text("a=1&b[c]=2&b[d]=3"), text("b[d]=3&b[c]=2&a=1"));
  EXPECT_NE(text("a=1&b=2"), text("a=2&b=1"));
  EXPECT_NE(text("a[b]=c"), text("a=b&c="));
}

TEST(Parameters, name_what_is_wrong_as_it_was_sent) {
  auto const fault_of = [](auto read) -> std::pair<std::string, std::string> {
    Parameters parameters(*parse_form("n=x&t=toolong&o[p]=1&o[q]=2&metadata[0]=zero"));
    try {
      read(parameters);
    } catch (ApiError const& error) {
      return {error.code(), error.param()};
    }
    return {};
  };
  using Fault = std::pair<std::string, std::string>;
  EXPECT_EQ(fault_of([](auto& p) { p.integer("n", 0, 9); }), Fault("parameter_invalid_integer", "n"));
  EXPECT_EQ(fault_of([](auto& p) { p.text("t", 6); }), Fault("", "t"));
  EXPECT_EQ(fault_of([](auto& p) { p.text("o"); }), Fault("", "o"));
  EXPECT_EQ(fault_of([](auto& p) { p.object("n"); }), Fault("", "n"));
  EXPECT_EQ(fault_of([](auto& p) { p.required_text("absent"); }), Fault("parameter_missing", "absent"));
  EXPECT_EQ(fault_of([](auto& p) { p.object("o")->refuse_unknown(); }), Fault("parameter_unknown", "o[p]"));
  EXPECT_EQ(fault_of([](auto& p) { p.objects("metadata"); }), Fault("", "metadata"));
}

}  // namespace
}  // namespace balcao::sandbox

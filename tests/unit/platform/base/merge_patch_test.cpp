#include "platform/json/merge_patch.hpp"

#include <gtest/gtest.h>

#include "platform/fields.hpp"
#include "platform/json/describe.hpp"

namespace balcao::json {

struct CupPatch {
  Replaceable<BoundedText<1, 9>> name;
  Removable<BoundedInteger<0, 9>> stock;
  Removable<bool> glazed;
};
BOOST_DESCRIBE_STRUCT(CupPatch, (), (name, stock, glazed))

namespace {

struct Read {
  std::optional<CupPatch> patch;
  std::string faults;
};

Read read(std::string_view text) {
  Decoder decoder;
  auto patch = Codec<CupPatch>::decode(parse(text).value(), Path(), decoder);
  std::string faults;
  for (auto const& fault : decoder.faults()) faults += fault.pointer + ' ' + fault.detail.en + '\n';
  return {std::move(patch), std::move(faults)};
}

TEST(MergePatch, TellsWhatIsLeftOutFromNullAndFromAValue) {
  auto const nothing = read("{}").patch.value();
  EXPECT_FALSE(nothing.name.change);
  EXPECT_FALSE(nothing.stock.change);
  EXPECT_FALSE(nothing.glazed.change);

  auto const some = read(R"({"name":"Mug","stock":null,"glazed":false})").patch.value();
  EXPECT_EQ(some.name.change.value().str(), "Mug");
  ASSERT_TRUE(some.stock.change);
  EXPECT_FALSE(*some.stock.change);
  ASSERT_TRUE(some.glazed.change);
  EXPECT_EQ(*some.glazed.change, false);
}

TEST(MergePatch, RefusesToRemoveWhatIsAlwaysThere) {
  EXPECT_EQ(read(R"({"name":null})").faults, "/name It cannot be removed.\n");
  EXPECT_EQ(read(R"({"name":"","stock":10,"colour":null})").faults,
            "/name It must have 1 to 9 characters.\n/stock It must be from 0 to 9.\n/colour There is no such field.\n");
  EXPECT_FALSE(read("[]").patch);
  EXPECT_FALSE(read("null").patch);
}

TEST(MergePatch, SaysInItsSchemaWhatMayBeNull) {
  Schemas schemas;
  Codec<CupPatch>::schema(schemas);
  auto const& cup = schemas.components.at("CupPatch").as_object();
  EXPECT_FALSE(cup.contains("required"));
  auto const& properties = cup.at("properties").as_object();
  EXPECT_EQ(to_text(properties.at("name").at("type")), R"("string")");
  EXPECT_EQ(to_text(properties.at("stock").at("type")), R"(["integer","null"])");
  EXPECT_EQ(to_text(properties.at("glazed").at("type")), R"(["boolean","null"])");
}

}  // namespace
}  // namespace balcao::json

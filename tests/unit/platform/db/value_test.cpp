#include "platform/db/value.hpp"

#include <gtest/gtest.h>

namespace balcao::db {
namespace {

struct Thing {};

TEST(Value, IsMadeFromWhatTheProgramHas) {
  EXPECT_EQ(to_value(true), Value{true});
  EXPECT_EQ(to_value(7), Value{std::int64_t{7}});
  EXPECT_EQ(to_value(std::size_t{7}), Value{std::int64_t{7}});
  EXPECT_EQ(to_value("text"), Value{std::string("text")});
  EXPECT_EQ(to_value(std::string_view("text")), Value{std::string("text")});
  EXPECT_EQ(to_value(1.5), Value{1.5});
  EXPECT_EQ(to_value(Bytes{"b"}), Value{Bytes{"b"}});
  EXPECT_EQ(to_value(std::optional<int>{}), Value{std::monostate{}});
  EXPECT_EQ(to_value(std::optional<int>{3}), Value{std::int64_t{3}});
  auto const id = Id<Thing>::make(Time{});
  EXPECT_EQ(to_value(id), Value{id.uuid});
}

TEST(Row, GivesWhatTheSchemaPromises) {
  auto const uuid = Uuid::make(Time{});
  Row const row({std::int64_t{5}, std::string("text"), std::monostate{}, uuid, 2.5, Bytes{"b"}, true, Time{}});
  EXPECT_EQ(row.get<int>(0), 5);
  EXPECT_EQ(row.get<std::string>(1), "text");
  EXPECT_EQ(row.get<std::optional<std::string>>(1), "text");
  EXPECT_EQ(row.get<std::optional<std::string>>(2), std::nullopt);
  EXPECT_EQ(row.get<Id<Thing>>(3), Id<Thing>{uuid});
  EXPECT_EQ(row.get<double>(4), 2.5);
  EXPECT_EQ(row.get<Bytes>(5), Bytes{"b"});
  EXPECT_TRUE(row.get<bool>(6));
  EXPECT_EQ(row.get<Time>(7), Time{});
}

TEST(Row, UnderstandsHowSqliteStoresTypesThatItDoesNotHave) {
  auto const uuid = Uuid::make(Time{});
  Row const row({std::int64_t{1}, std::int64_t{1'500'000}, uuid.str()});
  EXPECT_TRUE(row.get<bool>(0));
  EXPECT_EQ(row.get<Time>(1), Time{std::chrono::milliseconds(1500)});
  EXPECT_EQ(row.get<Uuid>(2), uuid);
}

TEST(Row, RefusesAnotherType) {
  Row const row({std::int64_t{2}, std::string("text"), std::monostate{}});
  EXPECT_THROW(row.get<std::string>(0), std::logic_error);
  EXPECT_THROW(row.get<bool>(0), std::logic_error);
  EXPECT_THROW(row.get<int>(1), std::logic_error);
  EXPECT_THROW(row.get<Uuid>(1), std::logic_error);
  EXPECT_THROW(row.get<double>(0), std::logic_error);
  EXPECT_THROW(row.get<Time>(1), std::logic_error);
  EXPECT_THROW(row.get<Bytes>(1), std::logic_error);
  EXPECT_THROW(row.get<std::string>(2), std::logic_error);
  EXPECT_THROW(row.get<int>(3), std::out_of_range);
}

}  // namespace
}  // namespace balcao::db

#include "products/catalog/cursor.hpp"

#include <gtest/gtest.h>

#include "platform/crypto/hash.hpp"

namespace balcao::products {
namespace {

constexpr std::array orders{Order::newest,  Order::oldest,  Order::cheapest,
                            Order::dearest, Order::name_up, Order::name_down};

Id<Product> const id = Id<Product>::parse("01890000-0000-7000-8000-000000000001").value();

Position position(Order order) {
  if (order == Order::cheapest || order == Order::dearest) return {std::int64_t{99'999'999}, id};
  if (order == Order::name_up || order == Order::name_down) return {std::string("Pão de queijo \"/+"), id};
  return {{}, id};
}

bool is_refused(std::string const& bytes, Order order) {
  return !parse_cursor(crypto::to_base64url(bytes), order).has_value();
}

TEST(Cursor, ComesBackForItsOwnOrderOnly) {
  for (auto const order : orders) {
    auto const cursor = to_cursor(position(order), order);
    EXPECT_EQ(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              cursor.npos);
    for (auto const other : orders) {
      auto const back = parse_cursor(cursor, other);
      ASSERT_EQ(back.has_value(), order == other);
      if (!back) continue;
      EXPECT_EQ(back->id, id);
      EXPECT_EQ(back->key, position(order).key);
    }
  }
}

TEST(Cursor, RefusesWhatItHasNotMade) {
  for (auto const order : orders) {
    auto const mark = crypto::from_base64url(to_cursor(position(order), order)).value().substr(0, 1);
    for (auto const* wrong : {"", "A", "====", "a b", "YQ", "////"}) EXPECT_FALSE(parse_cursor(wrong, order)) << wrong;
    EXPECT_TRUE(is_refused(mark, order));
    EXPECT_TRUE(is_refused(mark + std::string(36, 'x') + "1", order));
    EXPECT_TRUE(is_refused(mark + id.str().substr(0, 35), order));
    EXPECT_TRUE(is_refused(mark + id.str() + std::string("\0", 1), order));
    EXPECT_TRUE(is_refused(mark + id.str() + "\xff", order)) << "a database's text is UTF-8";
    EXPECT_TRUE(is_refused(mark + id.str() + std::string(201, 'x'), order));
  }
  EXPECT_TRUE(is_refused("c" + id.str(), Order::cheapest));
  for (auto const* price : {"1.5", " 1", "1 ", "+1", "1e3", "99999999999999999999"}) {
    EXPECT_TRUE(is_refused("c" + id.str() + price, Order::cheapest)) << price;
  }
}

TEST(Cursor, KnowsTheOrdersByName) {
  EXPECT_EQ(parse_order("-created_at"), Order::newest);
  EXPECT_EQ(parse_order("price"), Order::cheapest);
  for (auto const* wrong : {"", "-", "id", "Price", "--price", "price ", "price,id"}) EXPECT_FALSE(parse_order(wrong));
}

}  // namespace
}  // namespace balcao::products

#include "platform/shared/redis/server.hpp"

#include <gtest/gtest.h>

namespace balcao::shared::redis {
namespace {

TEST(RedisAddress, HasEveryPartOrItsDefault) {
  auto const plain = parse_server("redis://redis");
  EXPECT_EQ(plain.host, "redis");
  EXPECT_EQ(plain.port, 6379);
  EXPECT_EQ(plain.user, "default");
  EXPECT_EQ(plain.password, "");
  EXPECT_EQ(plain.database, 0U);
  EXPECT_FALSE(plain.tls);

  auto const full = parse_server("rediss://balcao:p%40ss%3Aw%2Ford@[::1]:7000/3");
  EXPECT_EQ(full.host, "::1");
  EXPECT_EQ(full.name(), "[::1]:7000");
  EXPECT_EQ(full.user, "balcao");
  EXPECT_EQ(full.password, "p@ss:w/ord");
  EXPECT_EQ(full.database, 3U);
  EXPECT_TRUE(full.tls);

  EXPECT_EQ(parse_server("redis://:secret@h:1/").user, "default");
  EXPECT_EQ(parse_server("redis://:secret@h:1/").password, "secret");
}

TEST(RedisAddress, IsRefusedWithoutBeingRepeated) {
  for (std::string const url :
       {"", "redis", "redis:", "redis://", "http://u:hunter2@h", "redis://u:hunter2@", "redis://hunter2@h",
        "redis://u:hunter2@h/x", "redis://u:hunter2@h/-1", "redis://u:hunter2@h/1/2", "redis://u:hunter2@h?db=1",
        "redis://u:hunter2@h#x", "redis://u:hunter2@h:port", "redis://u:hunter2@h:0", "redis://u:hunter2@h:65536",
        "redis://u:hunter2 @h", "redis://u:hunter2@h/99999999999"}) {
    try {
      parse_server(url);
      FAIL() << url;
    } catch (std::invalid_argument const& fault) {
      EXPECT_FALSE(std::string_view(fault.what()).contains("hunter2")) << fault.what();
    }
  }
}

TEST(RedisAddress, NeedsItsCertificatesToBeThere) {
  EXPECT_THROW(parse_server("rediss://h", "/nowhere/ca.pem"), std::invalid_argument);
}

}  // namespace
}  // namespace balcao::shared::redis

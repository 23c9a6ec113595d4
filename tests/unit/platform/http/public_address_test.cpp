#include "platform/http/public_address.hpp"

#include <gtest/gtest.h>

#include "platform/http/client.hpp"

namespace balcao::http {
namespace {

TEST(PublicAddress, IsNoneOfASpecialPurpose) {
  for (auto const* address : {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
                              "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255",
                              "2606:4700:4700::1111", "2001:200::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"}) {
    EXPECT_TRUE(is_public_address(address)) << address;
  }
  for (auto const* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.0",
                              "10.255.255.255",
                              "100.64.0.0",
                              "127.0.0.1",
                              "127.255.255.255",
                              "169.254.0.1",
                              "169.254.169.254",
                              "172.16.0.0",
                              "172.31.255.255",
                              "192.0.0.8",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.0.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::10.0.0.1",
                              "fe80::1",
                              "fe80::1%eth0",
                              "fc00::1",
                              "fd00::1",
                              "fec0::1",
                              "ff02::1",
                              "2001::1",
                              "2001:1ff::1",
                              "2001:db8::1",
                              "2002:a00:1::",
                              "3fff::1",
                              "3fff:fff::1",
                              "100::1",
                              "::ffff:10.0.0.1",
                              "::ffff:127.0.0.1",
                              "64:ff9b::10.0.0.1",
                              "64:ff9b:1::1",
                              "",
                              "localhost",
                              "127.1",
                              "0x7f000001"}) {
    EXPECT_FALSE(is_public_address(address)) << address;
  }
}

TEST(Address, HasParts) {
  auto const parts = split_address("https://user.example:8443/a%20b/c?x=1&y=%2F#fragment");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->base_url, "https://user.example:8443");
  EXPECT_EQ(parts->host, "user.example");
  EXPECT_EQ(parts->target, "/a%20b/c?x=1&y=%2F");
  EXPECT_EQ(split_address("http://[::1]?x")->target, "/?x");
  EXPECT_EQ(split_address("http://[::1]")->host, "::1");
  for (auto const* none :
       {"", "example.com", "ftp://example.com", "https:///path", "https://exa mple/", "https://a/\r\nb"}) {
    EXPECT_FALSE(split_address(none)) << none;
  }
}

TEST(Address, LeadsToTheHostThatIsNamedOrNowhere) {
  for (auto const* misread : {"http://127.0.0.1.shop.example:18199/hooks", "http://1.2.3.4abc.example/",
                              "http://127.0.0.1_a", "http://a:0/", "http://a:65536/", "http://a:99999999999/"}) {
    EXPECT_FALSE(split_address(misread)) << misread;
    EXPECT_THROW(parse_origin(misread), std::invalid_argument) << misread;
  }
  EXPECT_EQ(parse_origin("http://127.0.0.1:65535").port, 65535);
  EXPECT_EQ(parse_origin("https://a:/b/").port, 443);
}

}  // namespace
}  // namespace balcao::http

#include "platform/http/trusted_proxies.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace balcao::http {
namespace {

TrustedProxies proxies(std::string_view list) {
  auto parsed = TrustedProxies::parse(list);
  EXPECT_TRUE(parsed) << parsed.error();
  return parsed.value_or(TrustedProxies());
}

std::string fault(std::string_view list) {
  auto const parsed = TrustedProxies::parse(list);
  return parsed ? "none" : parsed.error();
}

TEST(TrustedProxies, AreAddressesAndNetworks) {
  auto const some = proxies("192.0.2.7, 10.0.0.0/8 ,2001:db8::1,\tfd00::/9");
  for (auto const* in :
       {"192.0.2.7", "10.0.0.0", "10.255.255.255", "2001:db8::1", "2001:DB8:0::1", "fd00::1",
        "fd7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:10.1.2.3", "::ffff:a01:203", "fd00::1%eth0"}) {
    EXPECT_TRUE(some.contains(in)) << in;
  }
  for (auto const* out : {"192.0.2.6", "9.255.255.255", "11.0.0.0", "2001:db8::2", "fd80::", "fc00::", "::10.1.2.3",
                          "::1", "127.0.0.1", "", "10.1", "proxy", "10.0.0.1 "}) {
    EXPECT_FALSE(some.contains(out)) << out;
  }
  EXPECT_FALSE(TrustedProxies().contains("127.0.0.1"));
  EXPECT_FALSE(proxies("").contains("127.0.0.1"));
}

TEST(TrustedProxies, AreOfOneFamilyEvenWhereTheyAreAll) {
  EXPECT_TRUE(proxies("0.0.0.0/0").contains("203.0.113.1"));
  EXPECT_FALSE(proxies("0.0.0.0/0").contains("2001:db8::1"));
  EXPECT_TRUE(proxies("::/0").contains("2001:db8::1"));
  EXPECT_FALSE(proxies("::/0").contains("203.0.113.1"));
  EXPECT_FALSE(proxies("::/0").contains("::ffff:203.0.113.1"));
}

TEST(TrustedProxies, CanBeWrittenAsIPv4InIPv6) {
  auto const some = proxies("::ffff:10.0.0.0/104,::ffff:192.0.2.1");
  EXPECT_TRUE(some.contains("10.9.8.7"));
  EXPECT_TRUE(some.contains("192.0.2.1"));
  EXPECT_FALSE(some.contains("11.0.0.0"));
}

TEST(TrustedProxies, SayWhatIsWrong) {
  auto const no_address = " is not an address or a network, such as 10.0.0.1, 10.0.0.0/8 or fd00::/8";
  for (std::string const entry : {"proxy.example", "10.0.0", "10.0.0.1:80", "[::1]", "1.2.3.4/8/9x", "/8",
                                  "fe80::1%eth0", "010.0.0.1", "10.0.0.0 /8", "1:2:3:4:5:6:7:8:9"}) {
    auto const text = fault("10.0.0.1," + entry);
    EXPECT_TRUE(text == '\'' + entry + '\'' + no_address || text.starts_with('\'' + entry + "' has a network size"))
        << text;
  }
  EXPECT_EQ(fault("10.0.0.1,"), std::string("''") + no_address);
  EXPECT_EQ(fault("10.0.0.0/33"), "'10.0.0.0/33' has a network size that is not from 0 to 32");
  EXPECT_EQ(fault("10.0.0.0/-1"), "'10.0.0.0/-1' has a network size that is not from 0 to 32");
  EXPECT_EQ(fault("10.0.0.0/"), "'10.0.0.0/' has a network size that is not from 0 to 32");
  EXPECT_EQ(fault("10.0.0.0/8x"), "'10.0.0.0/8x' has a network size that is not from 0 to 32");
  EXPECT_EQ(fault("10.0.0.0/255.0.0.0"), "'10.0.0.0/255.0.0.0' has a network size that is not from 0 to 32");
  EXPECT_EQ(fault("fd00::/129"), "'fd00::/129' has a network size that is not from 0 to 128");
  EXPECT_EQ(fault("10.0.0.5/8"), "'10.0.0.5/8' is an address within a network; the network is 10.0.0.0/8");
  EXPECT_EQ(fault("fd00::1/8"), "'fd00::1/8' is an address within a network; the network is fd00::/8");
}

/// The client of a request with these lines of X-Forwarded-For, on a connection of `peer`.
std::string client(std::string_view peer, std::initializer_list<std::string_view> lines) {
  static auto const trusted = proxies("10.0.0.0/8,2001:db8:f::/48");
  Request request;
  for (auto const line : lines) {
    request.headers.emplace_back("Forwarded", "for=192.0.2.99");
    request.headers.emplace_back("x-forwarded-for", line);
    request.headers.emplace_back("X-Real-IP", "192.0.2.99");
  }
  return trusted.client_of(peer, request);
}

TEST(ClientOf, IsThePeerUnlessThatIsAProxy) {
  EXPECT_EQ(client("203.0.113.9", {}), "203.0.113.9");
  EXPECT_EQ(client("203.0.113.9", {"198.51.100.1"}), "203.0.113.9");
  EXPECT_EQ(client("203.0.113.9", {"10.0.0.1", "198.51.100.1, 10.0.0.1"}), "203.0.113.9");
  EXPECT_EQ(client("2001:db8:e::1", {"198.51.100.1"}), "2001:db8:e::1");
}

TEST(ClientOf, IsTheLastAddressThatIsNoProxys) {
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.1, 10.0.0.2,10.0.0.3"}), "198.51.100.1");
  EXPECT_EQ(client("2001:db8:f::1", {"2001:db8::5"}), "2001:db8::5");
  EXPECT_EQ(client("::ffff:10.0.0.1", {"198.51.100.1"}), "198.51.100.1");
}

TEST(ClientOf, IsNotWhatTheClientMadeUp) {
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1, 198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.9, 198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1, 10.0.0.7, 198.51.100.1, 10.0.0.2"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"\"1.1.1.1, 10.0.0.7\", 198.51.100.1"}), "198.51.100.1");
}

TEST(ClientOf, ReadsSeveralLinesAsOne) {
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1", "198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"1.1.1.1, 198.51.100.1", "10.0.0.3", "10.0.0.2"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.1", "", " , "}), "198.51.100.1");
}

TEST(ClientOf, IsTheFarthestProxyWhereThereIsNothingElse) {
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {""}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
}

TEST(ClientOf, TakesPortsBracketsAndEmptyEntries) {
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.1:4711"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::5]"}), "2001:db8::5");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::5]:4711"}), "2001:db8::5");
  EXPECT_EQ(client("10.0.0.1", {"2001:DB8:0:0::5"}), "2001:db8::5");
  EXPECT_EQ(client("10.0.0.1", {"::ffff:198.51.100.1"}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {",, 198.51.100.1 ,\t, 10.0.0.2:80,"}), "198.51.100.1");
}

TEST(ClientOf, EndsTheWalkAtWhatIsNoAddress) {
  for (auto const* garbage : {"unknown", "_hidden", "198.51.100", "198.51.100.1:", "198.51.100.1:x", "[2001:db8::5",
                              "[2001:db8::5]x", "[198.51.100.1:80", "2001:db8::5]:80", "fe80::1%eth0", "198.51.100.1 1",
                              "\"198.51.100.1\"", "for=198.51.100.1", "198.51.100.1:123456", "[]", ":", "::1::"}) {
    EXPECT_EQ(client("10.0.0.1", {garbage}), "10.0.0.1") << garbage;
    EXPECT_EQ(client("10.0.0.1", {"1.1.1.1", garbage, "10.0.0.2"}), "10.0.0.2") << garbage;
  }
}

}  // namespace
}  // namespace balcao::http

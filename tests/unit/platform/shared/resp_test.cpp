#include "platform/shared/redis/resp.hpp"

#include <gtest/gtest.h>

namespace balcao::shared::redis {
namespace {

using Kind = Reply::Kind;

Reply text(std::string value) { return {Kind::text, std::move(value), 0, {}}; }
Reply error(std::string value) { return {Kind::error, std::move(value), 0, {}}; }
Reply integer(std::int64_t value) { return {Kind::integer, {}, value, {}}; }
Reply list(std::vector<Reply> items) { return {Kind::list, {}, 0, std::move(items)}; }
Reply push(std::vector<Reply> items) { return {Kind::push, {}, 0, std::move(items)}; }

std::vector<Reply> parse(std::string_view bytes, std::size_t step, ReplyLimits limits = {}) {
  ReplyParser parser(limits);
  std::vector<Reply> replies;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    parser.feed(bytes.substr(at, step));
    while (auto reply = parser.next()) replies.push_back(std::move(*reply));
  }
  return replies;
}

struct Case {
  std::string bytes;
  std::vector<Reply> replies;
};

std::vector<Case> const& cases() {
  static std::vector<Case> const all = {
      {"+OK\r\n", {text("OK")}},
      {"+\r\n", {text("")}},
      {"-ERR no such thing\r\n", {error("ERR no such thing")}},
      {":0\r\n:-7\r\n:+7\r\n", {integer(0), integer(-7), integer(7)}},
      {":9223372036854775807\r\n", {integer(std::numeric_limits<std::int64_t>::max())}},
      {"$0\r\n\r\n$4\r\na\r\nb\r\n", {text(""), text("a\r\nb")}},
      {std::string("$3\r\n\0\xff\n\r\n", 9), {text(std::string("\0\xff\n", 3))}},
      {"$-1\r\n*-1\r\n_\r\n", {Reply{}, Reply{}, Reply{}}},
      {"*0\r\n*2\r\n$1\r\na\r\n*2\r\n:1\r\n*0\r\n", {list({}), list({text("a"), list({integer(1), list({})})})}},
      {"#t\r\n#f\r\n,3.25\r\n(12345678901234567890\r\n",
       {integer(1), integer(0), text("3.25"), text("12345678901234567890")}},
      {"=8\r\ntxt:note\r\n!5\r\nERR x\r\n", {text("note"), error("ERR x")}},
      {"%1\r\n+key\r\n:1\r\n~2\r\n:1\r\n:2\r\n", {list({text("key"), integer(1)}), list({integer(1), integer(2)})}},
      {">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n+PONG\r\n",
       {push({text("message"), text("c"), text("hi")}), text("PONG")}},
      {"|1\r\n+ttl\r\n:5\r\n*2\r\n:1\r\n|1\r\n+a\r\n+b\r\n:2\r\n", {list({integer(1), integer(2)})}},
      {"|0\r\n+OK\r\n", {text("OK")}},
  };
  return all;
}

TEST(ReplyParser, ReadsEveryTypeHoweverTheBytesAreCut) {
  for (auto const& [bytes, replies] : cases()) {
    for (std::size_t step = 1; step <= bytes.size(); ++step) EXPECT_EQ(parse(bytes, step), replies) << bytes << step;
  }
}

TEST(ReplyParser, GivesNothingBeforeAReplyIsWhole) {
  std::string const whole = "*2\r\n$3\r\nabc\r\n%1\r\n+k\r\n_\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ReplyParser parser;
    parser.feed(std::string_view(whole).substr(0, size));
    EXPECT_FALSE(parser.next()) << size;
    parser.feed(std::string_view(whole).substr(size));
    EXPECT_TRUE(parser.next()) << size;
    EXPECT_FALSE(parser.next()) << size;
  }
}

TEST(ReplyParser, RefusesWhatIsNotRespAndStaysRefusing) {
  for (std::string const bytes : {"\r\n",
                                  "\n",
                                  "OK\r\n",
                                  "+OK\n",
                                  "+O\rK\r\n",
                                  ":\r\n",
                                  ":1.5\r\n",
                                  ":+-1\r\n",
                                  ": 1\r\n",
                                  ":9223372036854775808\r\n",
                                  "$\r\n",
                                  "$-2\r\n",
                                  "$x\r\n",
                                  "$?\r\n",
                                  "$1\r\nab\r\n",
                                  "$1\r\na\n\n",
                                  "!-1\r\n",
                                  "=3\r\nabc\r\n",
                                  "=4\r\ntext\r\n",
                                  "*-2\r\n",
                                  "*?\r\n",
                                  "%-1\r\n",
                                  ">-1\r\n",
                                  "#x\r\n",
                                  "_x\r\n",
                                  "*1\r\n>1\r\n",
                                  "HTTP/1.1 400 Bad Request\r\n"}) {
    for (std::size_t step = 1; step <= bytes.size(); ++step) EXPECT_THROW(parse(bytes, step), ProtocolError) << bytes;
    ReplyParser parser;
    parser.feed(bytes);
    EXPECT_THROW(parser.next(), ProtocolError);
    parser.feed("+OK\r\n");
    EXPECT_THROW(parser.next(), ProtocolError) << bytes;
  }
}

TEST(ReplyParser, KeepsToItsLimits) {
  ReplyLimits const limits{.bytes = 100, .items = 10, .depth = 3};
  auto const nested = [](int depth) {
    std::string bytes;
    for (int i = 0; i < depth; ++i) bytes += "*1\r\n";
    return bytes + ":1\r\n";
  };
  EXPECT_EQ(parse("$80\r\n" + std::string(80, 'x') + "\r\n", 7, limits).size(), 1U);
  EXPECT_THROW(parse("$101\r\n", 1, limits), ProtocolError);
  EXPECT_THROW(parse("$9223372036854775807\r\n", 1, limits), ProtocolError);
  EXPECT_THROW(parse("+" + std::string(101, 'x'), 1, limits), ProtocolError);
  EXPECT_THROW(parse("*2\r\n$60\r\n" + std::string(60, 'x') + "\r\n$60\r\n", 7, limits), ProtocolError);
  EXPECT_EQ(parse(nested(3), 1, limits).size(), 1U);
  EXPECT_THROW(parse(nested(4), 1, limits), ProtocolError);
  EXPECT_THROW(parse("*11\r\n", 1, limits), ProtocolError);
  EXPECT_THROW(parse("*9223372036854775807\r\n", 1, limits), ProtocolError);
  EXPECT_THROW(parse("*2\r\n*5\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n*5\r\n:1\r\n:1\r\n:1\r\n", 1, limits), ProtocolError);
}

TEST(ReplyParser, LimitsEachReplyAndNotTheirSum) {
  ReplyLimits const limits{.bytes = 20, .items = 4, .depth = 1};
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += "*2\r\n:1\r\n$3\r\nabc\r\n";
  EXPECT_EQ(parse(bytes, 11, limits).size(), 1000U);
}

TEST(Reply, GivesTheCodeOfAnErrorWithoutItsText) {
  EXPECT_EQ(error("WRONGPASS invalid username-password pair").error_code(), "WRONGPASS");
  EXPECT_EQ(error("ERR").error_code(), "ERR");
}

TEST(Command, IsWhatTheServerReads) {
  EXPECT_EQ(command({"PING"}), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(command({"SET", "a\r\n", ""}), "*3\r\n$3\r\nSET\r\n$3\r\na\r\n\r\n$0\r\n\r\n");
}

}  // namespace
}  // namespace balcao::shared::redis

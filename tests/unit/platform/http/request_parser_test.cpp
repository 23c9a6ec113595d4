#include "platform/http/request_parser.hpp"

#include <gtest/gtest.h>

#include "parsed_request.hpp"

namespace balcao::http {
namespace {

using test::Outcome;
using test::read_all;
using test::read_in_pieces;

std::string post(std::string_view headers, std::string_view body) {
  return "POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n" + std::string(body);
}
std::string get(std::string_view headers) { return "GET / HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n"; }

Outcome read_one(std::string const& bytes, Limits const& limits = {}) {
  auto outcomes = read_all(bytes, limits);
  return outcomes.empty() ? Outcome{} : outcomes.front();
}

std::vector<std::string> const good_requests = {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /a/b?c=d&e=%20 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
    "\r\nGET /after-an-empty-line HTTP/1.1\r\nHost: x\r\n\r\n",
    "\r\n\r\nGET /after-two HTTP/1.1\r\nHost: x\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "BREW /unknown-method HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /old HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost:x\r\nEmpty:\r\nSpaces: \t a b \t \r\n\r\n",
    "GET /caf\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
    post("Content-Length: 0\r\n", ""),
    post("Content-Length: 5\r\n", "hello"),
    post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    post("Transfer-Encoding: Chunked\r\n", "5\r\nhello\r\n1;name=value\r\n!\r\n00\r\n\r\n"),
    post("Transfer-Encoding: chunked\r\n", "A\r\n0123456789\r\na\r\n\r\n23456789\r\n0\r\nTrailer: dropped\r\n\r\n"),
    post("Content-Length: 3\r\n", "abc") + get("") + post("Transfer-Encoding: chunked\r\n", "2\r\nok\r\n0\r\n\r\n") +
        get("A: b\r\n"),
};

TEST(RequestParser, ReadsTheSameByteByByteAsAtOnce) {
  for (auto const& bytes : good_requests) {
    auto const whole = read_all(bytes);
    ASSERT_FALSE(whole.empty()) << bytes;
    EXPECT_EQ(whole.back().refused, 0) << bytes;
    for (std::size_t const size : {1, 2, 3, 7}) EXPECT_EQ(read_in_pieces(bytes, size), whole) << size << ' ' << bytes;
  }
}

TEST(RequestParser, GivesWhatWasSent) {
  auto const request =
      read_one("PUT /products/1?x=y?z HTTP/1.1\r\nHost: x\r\nIf-Match: \"1\"\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.path, "/products/1");
  EXPECT_EQ(request.query, "x=y?z");
  EXPECT_EQ(request.headers, (std::vector<std::pair<std::string, std::string>>{
                                 {"Host", "x"}, {"If-Match", "\"1\""}, {"Content-Length", "2"}}));
  EXPECT_EQ(request.body, "{}");
  EXPECT_TRUE(request.keep_alive);
}

TEST(RequestParser, PutsChunksTogetherAndDropsTrailers) {
  auto const request = read_one(post("Transfer-Encoding: chunked\r\n",
                                     "5;a=b\r\nhello\r\n6\r\n world\r\n0;c\r\nAuthorization: Bearer x\r\n\r\n"));
  EXPECT_EQ(request.body, "hello world");
  EXPECT_EQ(request.headers.size(), 2U) << "a trailer must not become a header field";
}

TEST(RequestParser, LeavesPipelinedBytesForTheNextCall) {
  Limits const limits;
  RequestParser parser(limits);
  auto const first = post("Content-Length: 2\r\n", "ab");
  auto const header = first.size() - 2;
  EXPECT_EQ(parser.feed(first + "GET /next"), header);
  EXPECT_EQ(parser.state(), RequestParser::State::header_read);
  EXPECT_EQ(parser.feed("abGET /next"), 0U) << "nobody has said how the body is taken";
  parser.take_body(100);
  EXPECT_EQ(parser.feed("abGET /next"), 2U);
  EXPECT_EQ(parser.state(), RequestParser::State::complete);
  parser.next();
  EXPECT_EQ(parser.feed("GET /next HTTP/1.1\r\nHost: x\r\n\r\n"), 31U);
  EXPECT_EQ(parser.request().path, "/next");
  EXPECT_EQ(parser.request().body, "");
}

TEST(RequestParser, SaysWhoWaitsForContinue) {
  Limits const limits;
  RequestParser parser(limits);
  parser.feed(post("Content-Length: 2\r\nExpect: 100-Continue\r\n", ""));
  EXPECT_EQ(parser.state(), RequestParser::State::header_read);
  EXPECT_TRUE(parser.expects_continue());

  RequestParser old(limits);
  old.feed("POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_FALSE(old.expects_continue()) << "HTTP/1.0 knows no such answer";
}

TEST(RequestParser, SaysWhoStays) {
  EXPECT_TRUE(read_one(get("")).keep_alive);
  EXPECT_FALSE(read_one(get("Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(read_one(get("Connection: foo, Close\r\n")).keep_alive);
  EXPECT_FALSE(read_one("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_FALSE(read_one("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

// What two parsers could read differently: a front proxy and we must never disagree on where a request ends.
std::vector<std::pair<char const*, std::string>> const bad_framing = {
    {"both lengths", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
    {"both lengths, turned round", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")},
    {"two lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "abc")},
    {"the same length twice", post("Content-Length: 2\r\nContent-Length: 2\r\n", "ab")},
    {"a list of lengths", post("Content-Length: 2, 2\r\n", "ab")},
    {"a signed length", post("Content-Length: +2\r\n", "ab")},
    {"a negative length", post("Content-Length: -1\r\n", "")},
    {"a hexadecimal length", post("Content-Length: 0x2\r\n", "ab")},
    {"a length with a space", post("Content-Length: 1 0\r\n", "ab")},
    {"an empty length", post("Content-Length:\r\n", "")},
    {"a length over 64 bits", post("Content-Length: 18446744073709551618\r\n", "ab")},
    {"an unknown encoding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
    {"an encoding before chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
    {"an encoding after chunked", post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n")},
    {"chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")},
    {"two encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
    {"identity", post("Transfer-Encoding: identity\r\n", "")},
    {"a vertical tab", post("Transfer-Encoding: \x0b"
                            "chunked\r\n",
                            "0\r\n\r\n")},
    {"chunked with HTTP/1.0", "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"space before colon", post("Content-Length : 2\r\n", "ab")},
    {"space before an encoding's colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")},
    {"a folded field", get("A: b\r\n c\r\n")},
    {"a folded field by tab", get("A: b\r\n\tc\r\n")},
    {"a folded first field", "GET / HTTP/1.1\r\n Host: x\r\n\r\n"},
    {"a NUL in a value", get(std::string("A: b\0c\r\n", 8))},
    {"a NUL in a name", get(std::string("A\0: b\r\n", 7))},
    {"a NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 29)},
    {"a bare LF after the request line", "GET / HTTP/1.1\nHost: x\r\n\r\n"},
    {"a bare LF in a field", get("A: b\nC: d\r\n")},
    {"an end of bare LFs", "GET / HTTP/1.1\r\nHost: x\n\n\r\n\r\n"},
    {"a bare CR in a value", get("A: b\rc\r\n")},
    {"a bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"no Host", "GET / HTTP/1.1\r\nA: b\r\n\r\n"},
    {"two Hosts", get("Host: y\r\n")},
    {"the same Host twice", get("host: x\r\n")},
    {"a name that is no token", get("A(b): c\r\n")},
    {"an empty name", get(": c\r\n")},
    {"a line without colon", get("A\r\n")},
    {"absolute form", "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"authority form", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"asterisk form without OPTIONS", "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"no target", "GET  HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"space in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"a target that is no UTF-8", "GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"no version", "GET /\r\nHost: x\r\n\r\n"},
    {"HTTP/0.9", "GET / HTTP/0.9\r\nHost: x\r\n\r\n"},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n"},
    {"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"lower-case version", "GET / http/1.1\r\nHost: x\r\n\r\n"},
    {"TLS to a plain port", std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n", 15)},
    {"chunk size with 0x", post("Transfer-Encoding: chunked\r\n", "0x2\r\nab\r\n0\r\n\r\n")},
    {"chunk size with sign", post("Transfer-Encoding: chunked\r\n", "+2\r\nab\r\n0\r\n\r\n")},
    {"negative chunk size", post("Transfer-Encoding: chunked\r\n", "-2\r\nab\r\n0\r\n\r\n")},
    {"no chunk size", post("Transfer-Encoding: chunked\r\n", ";a=b\r\nab\r\n0\r\n\r\n")},
    {"empty chunk size", post("Transfer-Encoding: chunked\r\n", "\r\nab\r\n0\r\n\r\n")},
    {"space before a chunk size", post("Transfer-Encoding: chunked\r\n", " 2\r\nab\r\n0\r\n\r\n")},
    {"a letter in a chunk size", post("Transfer-Encoding: chunked\r\n", "2g\r\nab\r\n0\r\n\r\n")},
    {"a chunk size over 64 bits", post("Transfer-Encoding: chunked\r\n", "10000000000000002\r\nab\r\n0\r\n\r\n")},
    {"a chunk longer than said", post("Transfer-Encoding: chunked\r\n", "2\r\nabc\r\n0\r\n\r\n")},
    {"a chunk without its CRLF", post("Transfer-Encoding: chunked\r\n", "2\r\nab0\r\n\r\n")},
    {"a bare LF after a chunk size", post("Transfer-Encoding: chunked\r\n", "2\nab\r\n0\r\n\r\n")},
    {"a bare LF after a chunk", post("Transfer-Encoding: chunked\r\n", "2\r\nab\n0\r\n\r\n")},
    {"a bare LF in a chunk extension", post("Transfer-Encoding: chunked\r\n", "2;a\nb\r\nab\r\n0\r\n\r\n")},
    {"a bare CR in a chunk extension", post("Transfer-Encoding: chunked\r\n", "2;a\rb\r\nab\r\n0\r\n\r\n")},
    {"a NUL in a chunk extension", post("Transfer-Encoding: chunked\r\n", std::string("2;\0\r\nab\r\n0\r\n\r\n", 15))},
    {"a bare LF in a trailer", post("Transfer-Encoding: chunked\r\n", "0\r\nA: b\nC: d\r\n\r\n")},
    {"an end of bare LFs after a trailer", post("Transfer-Encoding: chunked\r\n", "0\r\nA: b\n\nGET /x\r\n\r\n")},
    {"a trailer without colon", post("Transfer-Encoding: chunked\r\n", "0\r\nA\r\n\r\n")},
};

TEST(RequestParser, RefusesWhatCouldBeReadInTwoWays) {
  for (auto const& [what, bytes] : bad_framing) {
    EXPECT_EQ(read_one(bytes).refused, 400) << what;
    for (std::size_t const size : {1, 2, 5}) {
      auto const outcomes = read_in_pieces(bytes, size);
      EXPECT_EQ(outcomes.empty() ? 0 : outcomes.front().refused, 400) << what << " in pieces of " << size;
    }
  }
}

TEST(RequestParser, KeepsItsLimitsExactly) {
  Limits limits;
  limits.header_bytes = 200;
  limits.target_bytes = 50;
  limits.body_bytes = 10;
  auto const target = [](std::size_t size) {
    return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n";
  };
  EXPECT_EQ(read_one(target(50), limits).refused, 0);
  EXPECT_EQ(read_one(target(51), limits).refused, 414);
  EXPECT_EQ(read_one(target(5000), limits).refused, 414) << "also where not even the first line fits";

  auto const header = [](std::size_t size) {
    return get("A: " + std::string(size - get("A: \r\n").size(), 'a') + "\r\n");
  };
  EXPECT_EQ(header(200).size(), 200U);
  EXPECT_EQ(read_one(header(200), limits).refused, 0);
  EXPECT_EQ(read_one(header(201), limits).refused, 431);
  EXPECT_EQ(read_one(header(201).substr(0, 201), limits).refused, 431) << "without waiting for its end";

  EXPECT_EQ(read_one(post("Content-Length: 10\r\n", "0123456789"), limits).body.size(), 10U);
  EXPECT_EQ(read_one(post("Content-Length: 11\r\n", ""), limits).refused, 413) << "before the body comes";
  EXPECT_EQ(
      read_one(post("Transfer-Encoding: chunked\r\n", "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"), limits).body.size(),
      10U);
  EXPECT_EQ(read_one(post("Transfer-Encoding: chunked\r\n", "5\r\n01234\r\n6\r\n"), limits).refused, 413);
  EXPECT_EQ(read_one(post("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n"), limits).refused, 413);
}

TEST(RequestParser, RefusesABodyThatItsEndpointDoesNotTake) {
  Limits const limits;
  RequestParser announced(limits);
  announced.feed(post("Content-Length: 1000\r\n", ""));
  announced.take_body(999);
  ASSERT_TRUE(announced.fault());
  EXPECT_EQ(announced.fault()->status(), 413);
  EXPECT_NE(announced.fault()->detail().en.find("999"), std::string::npos);

  RequestParser chunked(limits);
  chunked.feed(post("Transfer-Encoding: chunked\r\n", ""));
  chunked.take_body(5);
  chunked.feed("5\r\n01234\r\n1\r\n5\r\n");
  ASSERT_TRUE(chunked.fault());
  EXPECT_EQ(chunked.fault()->status(), 413);
}

TEST(RequestParser, HoldsWhatHasComeAndLittleBetweenRequests) {
  Limits const limits;
  RequestParser parser(limits);
  std::string fields;
  for (int i = 0; i < 2000; ++i) fields += "a:b\r\n";
  parser.feed(post(fields + "Content-Length: 1000000\r\n", ""));
  EXPECT_GE(parser.held(), 2000 * sizeof(std::pair<std::string_view, std::string_view>));
  auto const before = parser.held();
  parser.take_body(1'000'000);
  parser.feed(std::string(1000, ' '));
  EXPECT_LT(parser.held(), before + 10'000) << "not what is announced";
  parser.feed(std::string(999'000, ' '));
  EXPECT_GE(parser.held(), 1'000'000U);
  ASSERT_EQ(parser.state(), RequestParser::State::complete);
  parser.next();
  EXPECT_LT(parser.held(), 4096U);
}

TEST(RequestParser, BoundsWhatItCannotUseYet) {
  Limits limits;
  limits.header_bytes = 200;
  std::string const endless(300, 'a');
  EXPECT_EQ(read_one(post("Transfer-Encoding: chunked\r\n", "5;" + endless), limits).refused, 431);
  EXPECT_EQ(read_one(post("Transfer-Encoding: chunked\r\n", "0\r\nA: " + endless), limits).refused, 431);
  EXPECT_EQ(read_one(post("Transfer-Encoding: chunked\r\n", std::string(300, '0')), limits).refused, 431);
}

TEST(RequestParser, ForgetsARequestWhenItIsOver) {
  Limits const limits;
  RequestParser parser(limits);
  parser.feed("HEAD /secret HTTP/1.1\r\nHost: x\r\n\r\n");
  parser.next();
  parser.feed("GET / HTTP/1.1\nHost: x\r\n\r\n");
  ASSERT_TRUE(parser.fault());
  EXPECT_EQ(parser.request().method, Method::other);
  EXPECT_EQ(parser.request().path, "");
}

}  // namespace
}  // namespace balcao::http

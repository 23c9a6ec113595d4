#include "platform/http/response_reader.hpp"

#include <gtest/gtest.h>

namespace balcao::http {
namespace {

constexpr ResponseLimits limits{.header_bytes = 200,
                                .header_fields = 4,
                                .interim_responses = 3,
                                .interim_bytes = 150,
                                .body_bytes = 100,
                                .chunks = {.line = 40, .trailer = 50, .framing = 300, .framing_per_byte = 2}};

struct Reading {
  std::string result;  ///< `200 body`, what is missing, or why it is refused
  std::size_t taken = 0;
  bool can_reuse = false;
  bool operator==(Reading const&) const = default;
};

Reading read(std::string_view bytes, std::size_t step, Method method = Method::get, bool end = false) {
  ResponseReader reader(method, limits);
  std::size_t taken = 0;
  while (taken < bytes.size() && reader.fault().empty() && !reader.is_complete()) {
    auto const piece = bytes.substr(taken, step);
    auto const used = reader.feed(piece);
    EXPECT_TRUE(used == piece.size() || reader.is_complete() || !reader.fault().empty())
        << "a byte must not come twice";
    taken += used;
  }
  if (end) reader.end();
  if (!reader.fault().empty()) return {std::string(reader.fault()), 0, reader.can_reuse()};
  if (!reader.is_complete()) return {"unfinished", taken, reader.can_reuse()};
  bool const can_reuse = reader.can_reuse();
  auto const response = reader.take();
  return {std::to_string(response.status) + ' ' + response.body, taken, can_reuse};
}

/// Read whole, byte by byte and in pieces of each size between, always with the same result.
Reading read_every_way(std::string_view bytes, Method method = Method::get, bool end = false) {
  auto const whole = read(bytes, bytes.size(), method, end);
  for (std::size_t step = 1; step < std::min<std::size_t>(bytes.size(), 64); ++step) {
    EXPECT_EQ(read(bytes, step, method, end), whole) << step << ": " << bytes;
  }
  return whole;
}

std::string result(std::string_view bytes) { return read_every_way(bytes).result; }

std::string const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

TEST(ResponseReader, ReadsBodiesOfAllKinds) {
  EXPECT_EQ(read_every_way("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore"), (Reading{"200 ok", 40, true}));
  EXPECT_EQ(read_every_way("HTTP/1.1 201\r\ncontent-length:0\r\n\r\n"), (Reading{"201 ", 34, true}));
  EXPECT_EQ(read_every_way("HTTP/1.1 200 OK\r\n\r\nall", Method::get, true), (Reading{"200 all", 22, false}));
  EXPECT_EQ(read_every_way(chunked + "5\r\nhello\r\n06 ;a=\"b\";c\r\n world\r\n0\r\nA: b\r\nC:\r\n\r\n").result,
            "200 hello world");
  EXPECT_TRUE(read_every_way(chunked + "0\r\n\r\n").can_reuse);
  EXPECT_EQ(read_every_way("HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n"), (Reading{"304 ", 49, true}));
  EXPECT_EQ(read_every_way("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", Method::head), (Reading{"200 ", 39, true}));
}

TEST(ResponseReader, KeepsFieldsAsTheyAre) {
  ResponseReader reader(Method::get, limits);
  reader.feed(
      "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nA: \t b \xc3\xa9 \t\r\na:\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(reader.is_complete()) << reader.fault();
  auto const response = reader.take();
  EXPECT_EQ(response.headers, (std::vector<std::pair<std::string, std::string>>{
                                  {"A", "b \xc3\xa9"}, {"a", ""}, {"Content-Length", "0"}}));
}

TEST(ResponseReader, ReadsOnPastInterimResponses) {
  std::string const interim = "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(result(interim + interim + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), "200 ok");
  EXPECT_EQ(result(interim), "unfinished");
  EXPECT_EQ(result("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
            "it switches to a protocol that was not asked for");
}

TEST(ResponseReader, HasABoundForAllThatComes) {
  std::string const ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(result("HTTP/1.1 200 " + repeat("a", 200)), "its header is too long");
  EXPECT_EQ(result(ok + "A: " + repeat("a", 200)), "its header is too long");
  EXPECT_EQ(result(ok + repeat("A:\r\n", 5) + "\r\n"), "its header has too many fields");
  EXPECT_EQ(result(repeat("HTTP/1.1 102 \r\n\r\n", 4)), "too many interim responses come before it");
  EXPECT_EQ(result(repeat("HTTP/1.1 102 " + repeat("a", 80) + "\r\n\r\n", 2)),
            "too many interim responses come before it");
  EXPECT_EQ(result(ok + "Content-Length: 101\r\n\r\n"), "its body is too long");
  EXPECT_EQ(result(ok + "\r\n" + repeat("a", 101)), "its body is too long");
  EXPECT_EQ(result(chunked + "65\r\n"), "its body is too long");
  EXPECT_EQ(result(chunked + "60\r\n" + repeat("a", 96) + "\r\n5\r\n"), "its body is too long");
  EXPECT_EQ(result(chunked + "ffffffffffffffff\r\n"), "its body is too long");
  EXPECT_EQ(result(chunked + repeat("0", 17)), "a chunk's size is too long");
  EXPECT_EQ(result(chunked + "1;" + repeat("a", 40)), "a chunk's extensions are too long");
  EXPECT_EQ(result(chunked + "1" + repeat(" ", 40)), "a chunk's extensions are too long");
  EXPECT_EQ(result(chunked + "0\r\nA: " + repeat("a", 50)), "its trailer is too long");
  EXPECT_EQ(result(chunked + "0\r\n" + repeat("A:\r\n", 14)), "its trailer is too long");
  EXPECT_EQ(result(chunked + repeat("1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n", 12)), "its chunks are mostly framing");
}

TEST(ResponseReader, ReadsUpToItsBounds) {
  EXPECT_EQ(result("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + repeat("a", 100)), "200 " + repeat("a", 100));
  EXPECT_EQ(result(chunked + "64\r\n" + repeat("a", 100) + "\r\n0\r\n\r\n"), "200 " + repeat("a", 100));
  EXPECT_EQ(read_every_way("HTTP/1.1 200 OK\r\n\r\n" + repeat("a", 100), Method::get, true).result,
            "200 " + repeat("a", 100));
  auto const reason = repeat("a", 200 - std::string_view("HTTP/1.1 204 \r\n\r\n").size());
  EXPECT_EQ(result("HTTP/1.1 204 " + reason + "\r\n\r\n"), "204 ");
  EXPECT_EQ(result(chunked + repeat("1\r\na\r\n", 60) + "0\r\n\r\n"), "200 " + repeat("a", 60));
}

TEST(ResponseReader, RefusesTwoReadingsOfALength) {
  std::string const ok = "HTTP/1.1 200 OK\r\n";
  std::string const twice = "the length of its body is given more than once";
  EXPECT_EQ(result(ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"), twice);
  EXPECT_EQ(result(ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"), twice);
  EXPECT_EQ(result(ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), twice);
  for (auto const* value : {"xchunked", "gzip, chunked", "chunked, chunked", "identity", "", "chunked;a"}) {
    EXPECT_EQ(result(ok + "Transfer-Encoding: " + value + "\r\n\r\n"), "its transfer encoding is not chunked alone");
  }
  EXPECT_EQ(result("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "its transfer encoding is not chunked alone");
  for (auto const* value : {"", "2, 2", "+2", "-2", "2 2", "0x2", "2.0", "99999999999999999999"}) {
    EXPECT_EQ(result(ok + "Content-Length: " + value + "\r\n\r\n"), "its Content-Length is no number") << value;
  }
}

TEST(ResponseReader, RefusesWhatIsMalformed) {
  for (auto const* bytes :
       {"SSH-2.0-OpenSSH\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/1.1200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 O\rK\r\n\r\n", "HTTP/1.1 200 OK\r\nA\r\n\r\n",
        "HTTP/1.1 200 OK\r\n:b\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n"}) {
    auto const reading = read_every_way(bytes);
    EXPECT_TRUE(reading.taken == 0 && reading.result != "unfinished") << bytes << ": " << reading.result;
  }
  using namespace std::string_view_literals;
  for (auto const chunks : {"\r\n"sv, "g\r\n"sv, "-1\r\n"sv, "0x1\r\n"sv, "1\na"sv, "1\r\nab"sv, "1\r\na\n"sv,
                            "1\r\r"sv, "1;a=\"\nb\"\r\n"sv, "1;\0\r\n"sv, "1 a\r\n"sv, "0\r\n A: b\r\n"sv,
                            "0\r\nA\r\n"sv, "0\r\nA: b\r\n c\r\n\r\n"sv, "0\r\n\rx"sv, "0\r\nA: \0\r\n"sv}) {
    auto const reading = read_every_way(chunked + std::string(chunks));
    EXPECT_TRUE(reading.taken == 0 && reading.result != "unfinished") << chunks << ": " << reading.result;
  }
}

TEST(ResponseReader, TellsACutAnswerFromOneThatEnds) {
  for (auto const* bytes :
       {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", "HTTP/1.1 102 \r\n\r\n"}) {
    EXPECT_EQ(read_every_way(bytes, Method::get, true).result, "the connection ended within it") << bytes;
  }
  ResponseReader reader(Method::get, limits);
  EXPECT_FALSE(reader.has_started());
  reader.end();
  EXPECT_EQ(reader.fault(), "the connection ended before it");
}

TEST(ResponseReader, KnowsWhatLeavesTheConnectionFit) {
  auto const can_reuse = [](std::string const& fields) {
    return read_every_way(fields + "Content-Length: 0\r\n\r\n").can_reuse;
  };
  EXPECT_TRUE(can_reuse("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(can_reuse("HTTP/1.1 200 OK\r\nConnection: keep-alive, closed\r\n"));
  EXPECT_FALSE(can_reuse("HTTP/1.1 200 OK\r\nConnection: x ,\tCLOSE\r\n"));
  EXPECT_FALSE(can_reuse("HTTP/1.1 200 OK\r\nConnection: x\r\nconnection: close\r\n"));
  EXPECT_FALSE(can_reuse("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"));
  EXPECT_FALSE(read_every_way("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n").can_reuse);
}

}  // namespace
}  // namespace balcao::http

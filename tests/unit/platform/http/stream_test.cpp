#include "platform/http/stream.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <future>

#include "live_server.hpp"
#include "platform/runtime/task_group.hpp"

namespace balcao::http {
namespace {

using namespace std::chrono_literals;
using test::count;
using test::LiveServer;
using test::RawClient;

constexpr std::string_view post = "POST /stream HTTP/1.1\r\nHost: x\r\n";

std::string with_length(std::size_t size) {
  return std::string(post) + "Content-Length: " + std::to_string(size) + "\r\n\r\n";
}

std::string chunk(std::string_view text) {
  std::string framed;
  for (std::size_t size = text.size(); size > 0; size /= 16) framed.insert(0, 1, "0123456789abcdef"[size % 16]);
  return framed + "\r\n" + std::string(text) + "\r\n";
}

/// Answers with the size of the body, and what kept it from being read to its end.
Task<Response> measure(Request const& request) {
  std::size_t size = 0;
  std::size_t longest = 0;
  try {
    while (request.body_reader) {
      auto const piece = co_await request.body_reader->read();
      if (piece.empty()) break;
      size += piece.size();
      longest = std::max(longest, piece.size());
    }
  } catch (Problem const& problem) {
    co_return problem_response(problem, request);
  }
  co_return Response{200, "text/plain", {}, std::to_string(size) + (longest <= 64 * 1024 ? " in pieces" : " at once")};
}

/// Answers, while the body comes in, with the body.
Task<Response> echo(Request const& request) {
  Response response{200, "text/plain", {}, {}};
  response.stream = [&request](BodyWriter& writer) -> Task<> {
    for (;;) {
      auto const piece = co_await request.body_reader->read();
      if (piece.empty()) break;
      co_await writer.enqueue(piece);
    }
  };
  co_return response;
}

TEST(Stream, BodiesOfAnyLengthAreReadPieceByPiece) {
  LiveServer const server(measure, {.body_bytes = 1024, .trusted_proxies = {}});
  std::string const body(3'000'000, 'x');
  RawClient client(server.port());
  EXPECT_EQ(count(client.send(with_length(body.size()) + body).read_until("pieces"), "3000000 in pieces"), 1);

  client.send(std::string(post) + "Transfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 30; ++i) client.send(chunk(body.substr(0, 100'000)));
  EXPECT_EQ(count(client.send("0\r\n\r\n").read_until("pieces"), "3000000 in pieces"), 1);
}

TEST(Stream, OtherEndpointsKeepTheirLimit) {
  LiveServer const server(measure, {.body_bytes = 1024, .trusted_proxies = {}});
  auto const answer =
      RawClient(server.port())
          .send("POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x'))
          .read_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 "));
}

TEST(Stream, TheConnectionGoesOnAfterABodyThatWasReadToItsEnd) {
  LiveServer const server(measure);
  auto const answers =
      RawClient(server.port())
          .send(with_length(3) + "abc" + with_length(0) + std::string(post) +
                "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunk("abcd") + "0\r\n\r\n")
          .read_all();
  EXPECT_EQ(count(answers, "HTTP/1.1 200 OK"), 3);
  EXPECT_EQ(count(answers, "3 in pieces"), 1);
  EXPECT_EQ(count(answers, "4 in pieces"), 1);
}

TEST(Stream, ABodyThatIsNotReadEndsTheConnection) {
  LiveServer const server([](Request const&) -> Task<Response> { co_return Response{401, "text/plain", {}, "no"}; });
  auto const all = RawClient(server.port()).send(with_length(100'000) + "GET / HTTP/1.1\r\nHost: x\r\n\r\n").read_all();
  EXPECT_EQ(count(all, "HTTP/1.1 "), 1);
  EXPECT_EQ(count(all, "Connection: close"), 1);
}

TEST(Stream, TheBodyIsAskedForOnceItIsRead) {
  LiveServer const server(measure);
  RawClient client(server.port());
  client.send(std::string(post) + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(count(client.send("abc").read_until("pieces"), "3 in pieces"), 1);

  LiveServer const refusing([](Request const&) -> Task<Response> { co_return Response{401, "text/plain", {}, "no"}; });
  RawClient other(refusing.port());
  EXPECT_TRUE(other.send(std::string(post) + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
                  .read_until("\r\n")
                  .starts_with("HTTP/1.1 401 "));
}

TEST(Stream, AnAnswerIsSentBeforeTheNextBodyIsRead) {
  LiveServer const server(measure, {.body_deadline = 5s, .trusted_proxies = {}});
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + with_length(3));
  auto first = std::async(std::launch::async, [&] { return client.read_until("0 in pieces"); });
  EXPECT_EQ(first.wait_for(2s), std::future_status::ready);
  EXPECT_EQ(count(first.get(), "200 OK"), 1);
  EXPECT_EQ(count(client.send("abc").read_until("3 in pieces"), "200 OK"), 1);
}

TEST(Stream, WhatIsWrongWithTheBodyIsAProblem) {
  LiveServer const server(measure, {.body_deadline = 100ms, .trusted_proxies = {}});
  auto const answer = [&](std::string const& request) {
    return RawClient(server.port()).send(request).read_until("\r\n");
  };
  auto const chunked = std::string(post) + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(answer(chunked + "no size\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(answer(chunked + chunk("abc")).starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(answer(with_length(10) + "abc").starts_with("HTTP/1.1 408 "));
}

TEST(Stream, TwoReadingsOfTheFramingAreRefusedAsEver) {
  LiveServer const server(measure);
  auto const answer = [&](std::string_view fields) {
    return RawClient(server.port()).send(std::string(post) + std::string(fields) + "\r\n0\r\n\r\n").read_until("\r\n");
  };
  EXPECT_TRUE(answer("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(answer("Content-Length: 5\r\nContent-Length: 5\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(answer("Transfer-Encoding: xchunked\r\n").starts_with("HTTP/1.1 400 "));
}

TEST(Stream, TheAnswerBeginsBeforeTheRequestHasEnded) {
  LiveServer const server(echo);
  RawClient client(server.port());
  client.send(std::string(post) + "Transfer-Encoding: chunked\r\n\r\n" + chunk("first"));
  auto const head = client.read_until("first\r\n");
  EXPECT_EQ(count(head, "Transfer-Encoding: chunked\r\n"), 1);
  EXPECT_EQ(count(head, "Content-Length"), 0);
  client.send(chunk("second"));
  EXPECT_EQ(client.read_until("second\r\n"), "6\r\nsecond\r\n");
  EXPECT_EQ(client.send("0\r\n\r\n").read_until("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_EQ(count(client.send(with_length(2) + "ab").read_until("\r\n0\r\n\r\n"), "2\r\nab\r\n"), 1);
}

TEST(Stream, AClientThatSendsAllBeforeItReadsGetsItsAnswer) {
  LiveServer const server(echo);
  RawClient client(server.port());
  std::string const body(20'000'000, '~');  // more than the sockets and the memory hold
  client.send(with_length(body.size()) + body);
  auto const answer = client.read_until("\r\n0\r\n\r\n");
  EXPECT_EQ(std::ranges::count(answer, '~'), 20'000'000);
}

TEST(Stream, AClientWhoseAnswerHasNoRoomAnyMoreIsToldWhenItReads) {
  LiveServer const server(
      [](Request const& request) -> Task<Response> {
        Response response{200, "text/plain", {}, {}};
        response.stream = [&request](BodyWriter& writer) -> Task<> {
          std::optional<Problem> problem;
          try {
            while (true) {
              auto const piece = co_await request.body_reader->read();
              if (piece.empty()) break;
              co_await writer.enqueue(piece);
            }
          } catch (Problem const& found) {
            problem = found;
          }
          co_await writer.enqueue(problem ? problem->type().code : "complete");
        };
        co_return response;
      },
      {.write_deadline = 2s, .trusted_proxies = {}});
  RawClient client(server.port());
  std::string const body(90'000'000, '~');  // more than the sockets, the memory and the file hold
  client.send(with_length(body.size()) + body);
  auto const answer = client.read_until("\r\n0\r\n\r\n");
  EXPECT_LT(std::ranges::count(answer, '~'), 90'000'000);
  EXPECT_TRUE(answer.ends_with("request_timeout\r\n0\r\n\r\n"));
}

/// Where answers that wait find no file, so that a few hundred KiB fill the room for them.
class WithoutSpool {
 public:
  WithoutSpool() {
    if (auto const* set = std::getenv("TMPDIR")) before_ = set;
    ::setenv("TMPDIR", "/nowhere", 1);
  }
  WithoutSpool(WithoutSpool const&) = delete;
  ~WithoutSpool() { before_ ? ::setenv("TMPDIR", before_->c_str(), 1) : ::unsetenv("TMPDIR"); }

 private:
  std::optional<std::string> before_;
};

TEST(Stream, ABodyIsNotAskedForOnceItsAnswerHasBegun) {
  WithoutSpool const no_spool;
  LiveServer const server(
      [](Request const& request) -> Task<Response> {
        Response response{200, "text/plain", {}, {}};
        response.stream = [&request](BodyWriter& writer) -> Task<> {
          co_await request.body_reader->read();
          try {
            for (;;) co_await writer.enqueue(std::string(100'000, '~'));
          } catch (Problem const&) {
          }
          co_await writer.enqueue("end");
        };
        co_return response;
      },
      {.write_deadline = 500ms, .trusted_proxies = {}});
  RawClient client(server.port());
  std::string const body(20'000'000, '~');
  client.send(std::string(post) + "Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  auto const answer = client.read_until("end\r\n0\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("end\r\n0\r\n\r\n"));
  EXPECT_EQ(answer.find("HTTP/1.1 100 Continue", answer.find("200 OK")), answer.npos);
}

/// Sends 20 MB beside the reading of the body, and at the end what kept that from being read.
Task<Response> answer_beside(Request const& request, std::atomic<bool>& read) {
  Response response{200, "text/plain", {}, {}};
  response.stream = [&request, &read](BodyWriter& writer) -> Task<> {
    auto const fill = [](BodyWriter& to) -> Task<> {
      for (int i = 0; i < 200; ++i) co_await to.enqueue(std::string(100'000, '~'));
    };
    TaskGroup tasks;
    co_await tasks.start(fill(writer));
    std::string ending = "complete";
    try {
      while (!(co_await request.body_reader->read()).empty()) continue;
    } catch (Problem const& problem) {
      ending = problem.type().code;
    }
    read = true;
    co_await tasks.join();
    co_await writer.enqueue(ending);
  };
  co_return response;
}

TEST(Stream, AnAnswerThatWaitsOutlivesTheReading) {
  WithoutSpool const no_spool;
  std::atomic<bool> read = false;
  LiveServer server([&](Request const& request) { return answer_beside(request, read); },
                    {.body_deadline = 300ms, .trusted_proxies = {}});
  RawClient late(server.port());
  late.send(with_length(10) + "abc");
  EXPECT_TRUE(test::wait_until([&] { return read.load(); }));
  auto answer = late.read_until("\r\n0\r\n\r\n");
  EXPECT_EQ(std::ranges::count(answer, '~'), 20'000'000);
  EXPECT_TRUE(answer.ends_with("request_timeout\r\n0\r\n\r\n"));
}

TEST(Stream, AnAnswerThatWaitsOutlivesADrain) {
  WithoutSpool const no_spool;
  std::atomic<bool> read = false;
  LiveServer server([&](Request const& request) { return answer_beside(request, read); });
  RawClient client(server.port());
  client.send(with_length(10) + "abc").read_until("\r\n\r\n");
  auto left = std::async(std::launch::async, [&] { return server.drain(10s); });
  EXPECT_TRUE(test::wait_until([&] { return read.load(); }));
  auto const answer = client.read_until("\r\n0\r\n\r\n");
  EXPECT_EQ(std::ranges::count(answer, '~'), 20'000'000);
  EXPECT_TRUE(answer.ends_with("unavailable\r\n0\r\n\r\n"));
  EXPECT_EQ(left.get(), 0U);
}

TEST(Stream, AReadingOutlivesAnAnswerThatIsNotTaken) {
  WithoutSpool const no_spool;
  std::atomic<bool> late = false;
  LiveServer const server(
      [&](Request const& request) -> Task<Response> {
        Response response{200, "text/plain", {}, {}};
        response.stream = [&](BodyWriter& writer) -> Task<> {
          auto const fill = [](BodyWriter& to, std::atomic<bool>& gave_up) -> Task<> {
            try {
              for (;;) co_await to.enqueue(std::string(100'000, '~'));
            } catch (Problem const&) {
              gave_up = true;
            }
          };
          TaskGroup tasks;
          co_await tasks.start(fill(writer, late));
          std::string ending = "complete";
          try {
            while (!(co_await request.body_reader->read()).empty()) continue;
          } catch (Problem const& problem) {
            ending = problem.type().code;
          }
          co_await tasks.join();
          co_await writer.enqueue(ending);
        };
        co_return response;
      },
      {.write_deadline = 300ms, .trusted_proxies = {}});
  RawClient client(server.port());
  client.send(with_length(10) + "abc");
  EXPECT_TRUE(test::wait_until([&] { return late.load(); }));
  client.send("defghij");
  EXPECT_TRUE(client.read_until("\r\n0\r\n\r\n").ends_with("complete\r\n0\r\n\r\n"));
}

TEST(Stream, AClientThatReadsNothingIsGivenUp) {
  std::atomic<bool> gone = false;
  LiveServer server(
      [&](Request const&) -> Task<Response> {
        Response response{200, "text/plain", {}, {}};
        response.stream = [&gone](BodyWriter& writer) -> Task<> {
          std::string const piece(100'000, 'z');
          try {
            for (;;) co_await writer.write(piece);
          } catch (ClientGone const&) {
            gone = true;
          }
        };
        co_return response;
      },
      {.write_deadline = 100ms, .trusted_proxies = {}});
  RawClient client(server.port());
  client.send("GET /export HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(test::wait_until([&] { return gone.load(); }));
}

TEST(Stream, WhatFailsHalfwayIsCutShort) {
  LiveServer const server([](Request const&) -> Task<Response> {
    Response response{200, "text/plain", {}, {}};
    response.stream = [](BodyWriter& writer) -> Task<> {
      co_await writer.enqueue("begun");
      throw std::runtime_error("a fault of the test");
    };
    co_return response;
  });
  auto const answer = RawClient(server.port()).send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").read_all();
  EXPECT_TRUE(answer.ends_with("5\r\nbegun\r\n"));
}

TEST(Stream, AnOlderClientGetsItWithoutChunks) {
  LiveServer const server(echo);
  auto const answer = RawClient(server.port()).send("POST /stream HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc").read_all();
  EXPECT_EQ(count(answer, "Transfer-Encoding"), 0);
  EXPECT_EQ(count(answer, "Connection: close\r\n"), 1);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nabc"));
}

TEST(Stream, ADrainingServerEndsTheReading) {
  LiveServer server(measure);
  std::future<std::size_t> left;
  {
    RawClient client(server.port());
    client.send(with_length(1'000'000) + "abc");
    left = std::async(std::launch::async, [&] { return server.drain(5s); });
    EXPECT_TRUE(client.read_until("\r\n").starts_with("HTTP/1.1 503 "));
  }
  EXPECT_EQ(left.get(), 0U);
}

TEST(Stream, OneThatIsCutOffWhileItsHandlerWorksEnds) {
  std::atomic<bool> begun = false;
  std::atomic<bool> resume = false;
  std::atomic<bool> gone = false;
  LiveServer server([&](Request const&) -> Task<Response> {
    Response response{200, "text/plain", {}, {}};
    response.stream = [&](BodyWriter& writer) -> Task<> {
      begun = true;
      while (!resume) co_await pause(1ms);
      try {
        for (;;) co_await writer.write(std::string(100'000, 'z'));
      } catch (ClientGone const&) {
        gone = true;
      }
    };
    co_return response;
  });
  RawClient client(server.port());
  client.send("GET /export HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(test::wait_until([&] { return begun.load(); }));
  EXPECT_EQ(server.drain(0ms), 1U);
  resume = true;
  EXPECT_TRUE(test::wait_until([&] { return gone.load(); })) << "the loop spins";
}

}  // namespace
}  // namespace balcao::http

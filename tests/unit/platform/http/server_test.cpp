#include "platform/http/server.hpp"

#include <atomic>

#include "live_server.hpp"

namespace balcao::http {
namespace {

using namespace std::chrono_literals;
using test::count;
using test::LiveServer;
using test::RawClient;
using test::wait_until;

Task<Response> echo(Request const& request) {
  co_return Response{200, "text/plain", {}, std::string(request.path) + '|' + std::string(request.body)};
}

/// Holds every answer back until it is opened.
struct Gate {
  std::atomic<bool> open = false;
  std::atomic<int> waiting = 0;

  static Task<Response> pass(Gate& gate) {
    ++gate.waiting;
    while (!gate.open) co_await pause(1ms);
    co_return Response{200, "text/plain", {}, "passed"};
  }
  test::Answering::Function handler() {
    return [this](Request const&) { return pass(*this); };
  }
};

std::string get(std::string_view path, std::string_view headers = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}
constexpr std::string_view closing = "Connection: close\r\n";

TEST(Server, SaysWhyItCannotListen) {
  Loops loops(1);
  Server const first(loops, "127.0.0.1", 0, {});
  auto const why = [&](std::string const& host, std::uint16_t port) -> std::string {
    try {
      Server const other(loops, host, port, {});
    } catch (CannotListen const& reason) {
      return reason.what();
    }
    return "it could";
  };
  EXPECT_NE(why("127.0.0.1", first.port()).find("is in use by another program"), std::string::npos);
  EXPECT_NE(why("example.test", 0).find("'example.test' is not an IP address"), std::string::npos);
  EXPECT_NE(why("192.0.2.1", 0).find("cannot listen on 192.0.2.1"), std::string::npos);
  EXPECT_EQ(why("localhost", 0), "it could");
}

// A port that is looked at by listening on it takes a client's connection, and resets it.
TEST(Server, LetsNobodyInBeforeItServes) {
  Loops loops(1);
  std::uint16_t const port = [&] { return Server(loops, "127.0.0.1", 0, {}).port(); }();
  std::atomic<bool> done = false;
  std::atomic<int> let_in = 0;
  std::thread client([&] {
    boost::asio::io_context loop;
    while (!done) {
      boost::system::error_code fault;
      // From an address of its own: otherwise the kernel may choose the same port for it, and connect it to itself.
      boost::asio::ip::tcp::socket socket(loop, {boost::asio::ip::make_address("127.0.0.2"), 0});
      socket.connect({boost::asio::ip::make_address("127.0.0.1"), port}, fault);
      let_in += fault == boost::asio::error::connection_refused ? 0 : 1;
    }
  });
  for (int i = 0; i < 20'000; ++i) require_free("127.0.0.1", port);
  done = true;
  client.join();
  EXPECT_EQ(let_in, 0);
}

TEST(Server, KnowsAClientByTheWordOfATrustedProxyOnly) {
  auto const who = [](Request const& request) -> Task<Response> {
    co_return Response{200, "text/plain", {}, '<' + std::string(request.peer) + '>'};
  };
  auto const requests = get("/", "X-Forwarded-For: 192.0.2.1, 203.0.113.7\r\n") + get("/") +
                        get("/", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 203.0.113.8\r\nConnection: close\r\n");
  LiveServer const alone(who);
  EXPECT_EQ(count(RawClient(alone.port()).send(requests).read_all(), "<127.0.0.1>"), 3);

  LiveServer const behind(who, {.trusted_proxies = TrustedProxies::parse("127.0.0.0/8").value()});
  auto const answers = RawClient(behind.port()).send(requests).read_all();
  EXPECT_EQ(count(answers, "<203.0.113.7>"), 1);
  EXPECT_EQ(count(answers, "<127.0.0.1>"), 1);
  EXPECT_EQ(count(answers, "<203.0.113.8>"), 1);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  LiveServer server(echo);
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += get('/' + std::to_string(i));
  auto const answers = RawClient(server.port()).send(requests + get("/end", closing)).read_all();
  EXPECT_EQ(count(answers, "HTTP/1.1 200 OK\r\n"), 51);
  std::size_t last = 0;
  for (int i = 0; i < 50; ++i) {
    auto const found = answers.find("\r\n\r\n/" + std::to_string(i) + "|", last);
    ASSERT_NE(found, answers.npos) << i;
    last = found;
  }
  EXPECT_EQ(count(answers, "Connection: close\r\n"), 1);
}

TEST(Server, SendsNoBodyToHead) {
  LiveServer server(echo);
  auto const answers =
      RawClient(server.port()).send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + get("/b", closing)).read_all();
  EXPECT_EQ(count(answers, "Content-Length: 3\r\n"), 2);
  EXPECT_EQ(count(answers, "/a|"), 0);
  EXPECT_EQ(count(answers, "/b|"), 1);
}

TEST(Server, AsksForABodyThatWaits) {
  LiveServer server(echo);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_NE(client.send("ok").read_all().find("/|ok"), std::string::npos);
}

TEST(Server, RefusesAndClosesAfterABrokenRequest) {
  LiveServer server(echo);
  auto const answers = RawClient(server.port()).send(get("/a") + "GET /b\r\n\r\n" + get("/c")).read_all();
  EXPECT_EQ(count(answers, "HTTP/1.1 200 OK\r\n"), 1);
  EXPECT_EQ(count(answers, "HTTP/1.1 400 Bad Request\r\n"), 1);
  EXPECT_EQ(count(answers, "Content-Type: application/problem+json\r\n"), 1);
  EXPECT_EQ(count(answers, "/c|"), 0);
}

TEST(Server, LivesThroughALastChunkInPieces) {
  LiveServer server(echo);
  RawClient client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  client.read_until("\r\n\r\n");
  for (char const byte : std::string_view("0\r\n\r\n")) client.send({&byte, 1});
  EXPECT_NE(client.read_until("/a|").find("200 OK"), std::string::npos);
}

TEST(Server, GivesUpOnAHeaderThatDoesNotEnd) {
  Limits limits;
  limits.header_deadline = 50ms;
  limits.body_deadline = 50ms;
  LiveServer server(echo, limits);
  RawClient in_header(server.port());
  RawClient in_body(server.port());
  in_header.send("GET / HTTP/1.1\r\nHo");
  in_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12");
  EXPECT_TRUE(in_header.read_until("\r\n\r\n").starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_TRUE(in_body.read_until("\r\n\r\n").starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST(Server, RefusesConnectionsBeyondItsLimit) {
  Limits limits;
  limits.connections = 1;
  LiveServer server(echo, limits);
  RawClient first(server.port());
  first.send(get("/a")).read_until("/a|");
  EXPECT_TRUE(
      RawClient(server.port()).read_all().starts_with("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"));
  EXPECT_EQ(count(first.send(get("/b")).read_until("/b|"), "200 OK"), 1);
}

TEST(Server, KnowsClientsOfIPv4OnASocketForBoth) {
  auto const name_peer = [](Request const& request) -> Task<Response> {
    co_return Response{200, "text/plain", {}, '<' + std::string(request.peer) + '>'};
  };
  LiveServer server(name_peer, {}, "::");
  EXPECT_EQ(count(RawClient(server.port()).send(get("/", closing)).read_all(), "<127.0.0.1>"), 1);
}

TEST(Server, AnswersTheFirstRequestOfAConnectionThatWasMadeJustBeforeItDrains) {
  LiveServer server(echo);
  RawClient fresh(server.port());
  std::thread draining([&] { EXPECT_EQ(server.drain(10s), 0U); });
  EXPECT_TRUE(wait_until([&] { return test::cannot_connect(server.port()); }));
  fresh.send(get("/"));
  auto const answer = fresh.read_all();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  draining.join();
}

TEST(Server, DrainsWhatIsUnderWay) {
  Gate gate;
  LiveServer server(gate.handler());
  RawClient busy(server.port());
  RawClient idle(server.port());
  busy.send(get("/slow"));
  ASSERT_TRUE(wait_until([&] { return gate.waiting == 1; }));

  std::thread draining([&] { EXPECT_EQ(server.drain(10s), 0U); });
  EXPECT_EQ(idle.read_all(), "") << "an idle connection is closed";
  gate.open = true;
  auto const answer = busy.read_all();
  draining.join();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(count(answer, "Connection: close\r\n"), 1);
  EXPECT_THROW(RawClient{server.port()}, boost::system::system_error) << "nobody is let in any more";
}

TEST(Server, CutsOffWhatTakesTooLong) {
  Gate gate;
  LiveServer server(gate.handler());
  RawClient client(server.port());
  client.send(get("/slow"));
  ASSERT_TRUE(wait_until([&] { return gate.waiting == 1; }));
  EXPECT_EQ(server.drain(20ms), 1U);
  EXPECT_EQ(client.read_all(), "");
  gate.open = true;
}

}  // namespace
}  // namespace balcao::http

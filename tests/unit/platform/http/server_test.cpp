#include "platform/http/server.hpp"

#include <atomic>
#include <deque>
#include <future>

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
  MemoryBudget memory(1);
  Server const first(loops, "127.0.0.1", 0, {}, memory);
  auto const why = [&](std::string const& host, std::uint16_t port) -> std::string {
    try {
      Server const other(loops, host, port, {}, memory);
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
  MemoryBudget memory(1);
  std::uint16_t const port = [&] { return Server(loops, "127.0.0.1", 0, {}, memory).port(); }();
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

std::string post(std::string_view path, std::size_t size) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
}

/// The requests of a client that a proxy speaks for.
std::string from(std::string_view client, std::string request) {
  return request.insert(request.find("Host"), "X-Forwarded-For: " + std::string(client) + "\r\n");
}

constexpr std::size_t mebibyte = 1024 * 1024;

TEST(Server, CountsWhatHasComeOfBodiesAndNotWhatIsAnnounced) {
  LiveServer server(echo, {}, "127.0.0.1", 16 * mebibyte);
  std::deque<RawClient> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(server.port()).send(post("/a", mebibyte) + "some");
  clients.emplace_back(server.port()).send(post("/b", 900'000) + std::string(800'000, 'x'));
  EXPECT_TRUE(wait_until([&] { return server.held() > 800'000; }));
  EXPECT_LT(server.held(), 8 * mebibyte);
  clients.back().send(std::string(100'000, 'x') + get("/end", closing));
  EXPECT_EQ(count(clients.back().read_all(), "200 OK"), 2);
  clients.clear();
  EXPECT_TRUE(wait_until([&] { return server.held() == 0; }));
}

TEST(Server, CountsAHeaderWhileItIsLookedAt) {
  Gate gate;
  LiveServer server(echo, {}, "127.0.0.1", 200 * 1024);  // for one such header
  server.look_first([&gate]() -> Task<> { co_await Gate::pass(gate); });
  std::string fields;
  for (int i = 0; i < 3000; ++i) fields += "a:\r\n";
  auto const request = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n" + fields + "\r\nsome";
  RawClient first(server.port());
  first.send(request);
  ASSERT_TRUE(wait_until([&] { return gate.waiting == 1; }));
  RawClient second(server.port());
  auto refused = std::async(std::launch::async, [&] { return second.send(request).read_until("\r\n"); });
  EXPECT_EQ(refused.wait_for(5s), std::future_status::ready);
  gate.open = true;
  EXPECT_EQ(count(refused.get(), " 503 "), 1);
  EXPECT_EQ(count(first.read_until("/a|some"), "200 OK"), 1);
}

TEST(Server, SendsAnAnswerBeforeItLooksAtTheNextBody) {
  Gate gate;
  LiveServer server(echo);
  server.look_first([&gate]() -> Task<> { co_await Gate::pass(gate); });
  RawClient client(server.port());
  client.send(get("/first") + post("/second", 4));
  std::future<std::string> first = std::async(std::launch::async, [&] { return client.read_until("/first|"); });
  EXPECT_EQ(first.wait_for(5s), std::future_status::ready);
  gate.open = true;
  EXPECT_EQ(count(first.get(), "200 OK"), 1);
  EXPECT_EQ(count(client.send("some").read_until("/second|some"), "200 OK"), 1);
}

TEST(Server, RefusesBodiesBeyondItsMemory) {
  LiveServer server(echo, {}, "127.0.0.1", 2 * mebibyte);
  std::deque<RawClient> clients;
  for (int i = 0; i < 5; ++i)
    clients.emplace_back(server.port()).send(post("/a", mebibyte) + std::string(500'000, 'x'));
  int refused = 0;
  EXPECT_TRUE(wait_until([&] { return server.held() > mebibyte; }));
  EXPECT_LE(server.held(), 2 * mebibyte);
  RawClient other(server.port());
  EXPECT_EQ(count(other.send(get("/small", closing)).read_all(), "200 OK"), 1) << "what is small needs no share";
  for (auto& client : clients) {
    auto const answer = client.send(std::string(mebibyte - 500'000, 'x')).read_until("\r\n\r\n");
    if (answer.starts_with("HTTP/1.1 503 ")) {
      ++refused;
      EXPECT_EQ(count(answer, "Retry-After: 1\r\n"), 1);
      EXPECT_EQ(count(answer, "Connection: close\r\n"), 1);
    }
  }
  EXPECT_GE(refused, 3);
}

TEST(Server, GivesNoClientAllItsMemory) {
  Limits const limits{.trusted_proxies = TrustedProxies::parse("127.0.0.0/8").value()};
  LiveServer server(echo, limits, "127.0.0.1", 16 * mebibyte);
  constexpr std::size_t size = 900'000;
  std::deque<RawClient> greedy;
  for (int i = 0; i < 6; ++i) {
    auto const address = "2001:db8::" + std::to_string(i + 1);
    greedy.emplace_back(server.port()).send(from(address, post("/a", size)) + std::string(size - 10, 'x'));
  }
  for (std::string_view const address : {"2001:db8:0:1::1", "192.0.2.1"}) {
    RawClient other(server.port());
    other.send(from(address, post("/a", size)) + std::string(size, 'x'));
    EXPECT_EQ(count(other.read_until("\r\n"), "200 OK"), 1) << address;
  }
  int refused = 0;
  for (auto& client : greedy) {
    refused += count(client.send("0123456789").read_until("\r\n"), " 503 ");
  }
  EXPECT_GE(refused, 1) << "all of one /64 network";
}

TEST(Server, HoldsNothingBetweenRequests) {
  LiveServer server(echo);
  std::deque<RawClient> clients;
  auto const fields = "X-Long: " + std::string(12'000, 'x') + "\r\n";
  for (int i = 0; i < 50; ++i) {
    auto& client = clients.emplace_back(server.port());
    client.send(get("/a", fields)).read_until("/a|");
    client.send(post("/b", 300'000) + std::string(300'000, 'x')).read_until("/b|" + std::string(300'000, 'x'));
  }
  EXPECT_TRUE(wait_until([&] { return server.held() == 0; }));
}

TEST(Server, HoldsNoMoreThanItsMemoryOfAnswersThatAreNotRead) {
  LiveServer server(
      [](Request const&) -> Task<Response> {
        co_return Response{200, "text/plain", {}, std::string(3 * mebibyte, 'x')};
      },
      {}, "127.0.0.1", 8 * mebibyte);
  std::deque<RawClient> clients;
  for (int i = 0; i < 12; ++i) clients.emplace_back(server.port()).send(get("/") + get("/") + get("/") + get("/"));
  EXPECT_TRUE(wait_until([&] { return server.held() > 3 * mebibyte; }));
  EXPECT_LE(server.held(), 8 * mebibyte);
  EXPECT_EQ(count(RawClient(server.port()).send(get("/", closing)).read_until("\r\n"), "200 OK"), 1);
}

TEST(Server, AnswersWithoutTheBodyThatItDoesNotTake) {
  LiveServer server(echo);
  server.refuse("/no");
  auto const all = RawClient(server.port()).send(post("/no", mebibyte) + "some").read_all();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 401 ")) << "and does not wait for it";
  EXPECT_EQ(count(all, "Connection: close\r\n"), 1);
  auto const both = RawClient(server.port()).send(post("/no", 4) + "some" + get("/yes", closing)).read_all();
  EXPECT_EQ(count(both, "HTTP/1.1 401 "), 1);
  EXPECT_EQ(count(both, "/yes|"), 1) << "a small one that is here already is passed over";
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

// Whose answer is it, and how often was the request sent: what a client may do with a connection that it keeps.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "platform/http/client.hpp"
#include "scripted_server.hpp"

namespace balcao::http {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using test::answer_all;
using test::ClientTest;
using test::ok;
using test::ScriptedServer;

TEST_F(ClientTest, ReadsOnPastInterimResponses) {
  ScriptedServer server([](tcp::socket& socket, int) {
    for (auto const* body : {"first", "again"}) {
      if (ScriptedServer::read_request(socket).empty()) return;
      ScriptedServer::write(socket, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
      ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + std::string(body));
    }
  });
  auto& api = client(server.base_url());
  auto const first = get(api);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "first");
  EXPECT_FALSE(first.header("Link")) << "the fields of an interim response are not the answer's";
  EXPECT_EQ(get(api).body, "again");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, DoesNotSwitchProtocolsUnasked) {
  ScriptedServer server([](tcp::socket& socket, int) {
    ScriptedServer::read_request(socket);
    ScriptedServer::write(socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
  });
  EXPECT_EQ(outcome(client(server.base_url()), read), "unknown");
}

TEST_F(ClientTest, KeepsNoConnectionInDoubt) {
  constexpr std::array answers{
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: Close\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, close\r\n\r\nok",
      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n",
      "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
      "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
  };
  for (auto const* answer : answers) {
    ScriptedServer server([&](tcp::socket& socket, int connection) {
      if (connection > 1) return answer_all(socket, connection);
      ScriptedServer::read_request(socket);
      ScriptedServer::write(socket, answer);
      ScriptedServer::read_request(socket);
    });
    auto& api = client(server.base_url());
    EXPECT_TRUE(get(api).status / 100 == 2) << answer;
    EXPECT_EQ(get(api).body, "ok") << answer;
    EXPECT_EQ(server.connections(), 2) << answer;
    client("http://127.0.0.1:1");
  }
}

TEST_F(ClientTest, RefusesAnswersThatCanBeReadInTwoWays) {
  constexpr std::array answers{
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  };
  for (auto const* answer : answers) {
    ScriptedServer server([&](tcp::socket& socket, int) {
      ScriptedServer::read_request(socket);
      ScriptedServer::write(socket, answer);
    });
    EXPECT_EQ(outcome(client(server.base_url()), read), "unknown") << answer;
  }
}

TEST_F(ClientTest, TakesAnAnswerThatComesBeforeTheRequestIsSentAndDropsTheConnection) {
  std::atomic<bool> has_answer = false;
  ScriptedServer server([&](tcp::socket& socket, int connection) {
    if (connection > 1) return answer_all(socket, connection);
    boost::system::error_code gone;
    std::string bytes;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(bytes), "\r\n\r\n", gone);
    ScriptedServer::write(socket, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    test::wait_until([&] { return has_answer.load(); });  // reads no more before
  });
  auto& api = client(server.base_url());
  EXPECT_EQ(outcome(api, {Method::put, "/", {}, std::string(64UL << 20U, 'x')}), "413");
  has_answer = true;
  EXPECT_EQ(outcome(api, read), "200");
  EXPECT_EQ(server.connections(), 2);
  client("http://127.0.0.1:1");
}

/// A client that keeps several connections to one of our servers, which counts what it receives.
class KeptConnections : public ClientTest {
 protected:
  static constexpr int kept = 4;

  Task<Response> answer(Request const& request) {
    ++received;
    if (request.path == "/warm") {
      ++warm;
      auto const end = std::chrono::steady_clock::now() + 10s;
      while (warm < kept && std::chrono::steady_clock::now() < end) co_await pause(1ms);
    }
    if (request.path == "/silent") {
      while (!over) co_await pause(1ms);
    }
    co_return Response{
        .status = 200, .content_type = {}, .headers = {}, .body = "x", .cut_off = request.path == "/cut"};
  }

  void TearDown() override { over = true; }

  /// Leaves `kept` idle connections.
  void warm_up() {
    for (int i = 0; i < kept; ++i) {
      boost::asio::co_spawn(loop, api.send({Method::get, "/warm", {}, {}}), boost::asio::detached);
    }
    loop.restart();
    loop.run();
    ASSERT_EQ(warm, kept);
    received = 0;
  }

  std::atomic<int> received = 0;
  std::atomic<int> warm = 0;
  std::atomic<bool> over = false;
  test::LiveServer server{[this](Request const& request) { return answer(request); }};
  Client api{ClientOptions{.base_url = server.server().address(), .deadline = 2s}};
};

TEST_F(KeptConnections, ARequestWhoseDeadlineHasPassedIsNotSentAgain) {
  warm_up();
  EXPECT_EQ(outcome(api, {Method::get, "/silent", {}, {}}), "unknown");
  EXPECT_EQ(received, 1);
}

TEST_F(KeptConnections, ARequestThatWasCutOffIsSentOnceMoreOnANewConnection) {
  warm_up();
  EXPECT_EQ(outcome(api, {Method::get, "/cut", {}, {}}), "unknown");
  EXPECT_EQ(received, 2);
  received = 0;
  EXPECT_EQ(outcome(api, {Method::post, "/cut", {}, "x"}), "unknown");
  EXPECT_EQ(received, 1) << "nor is what cannot be repeated";
}

}  // namespace
}  // namespace balcao::http

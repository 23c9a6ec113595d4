#include "platform/http/client.hpp"

#include <boost/asio/co_spawn.hpp>

#include "scripted_server.hpp"

namespace balcao::http {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using test::answer_all;
using test::ClientTest;
using test::ok;
using test::ScriptedServer;

TEST_F(ClientTest, SpeaksWithOurServer) {
  auto const echo = [](Request const& request) -> Task<Response> {
    auto const told = std::string(request.method_name) + ' ' + std::string(request.target) + ' ' +
                      std::string(request.header("A").value_or("")) + ' ' + std::string(request.body);
    co_return Response{201, "text/plain", {{"Location", "/there"}}, told};
  };
  test::LiveServer server(echo);
  auto& api = client(server.server().address() + "/v1/");
  auto const response = send(api, {Method::post, "/things?x=1", {{"A", "b"}}, "body"});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "POST /v1/things?x=1 b body");
  EXPECT_EQ(response.header("location"), "/there");
  auto const head = send(api, {Method::head, "/", {}, {}});
  EXPECT_EQ(head.status, 201);
  EXPECT_EQ(head.body, "");
}

TEST_F(ClientTest, RefusesAnAddressThatIsNone) {
  for (auto const* address : {"", "example.com", "ftp://example.com", "http://", "http://a b", "http://x/?q=1"}) {
    EXPECT_THROW(Client({.base_url = address}), std::invalid_argument) << address;
  }
}

TEST_F(ClientTest, KeepsItsConnection) {
  ScriptedServer server(answer_all);
  auto& api = client(server.base_url());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get(api).body, "ok");
  EXPECT_EQ(server.connections(), 1);
  client("http://127.0.0.1:1");  // closes the connection, which ends the script
}

TEST_F(ClientTest, KnowsThatNobodyWasAsked) {
  tcp::acceptor acceptor(loop, {boost::asio::ip::make_address("127.0.0.1"), 0});
  auto const free_port = std::to_string(acceptor.local_endpoint().port());
  acceptor.close();
  EXPECT_EQ(outcome(client("http://127.0.0.1:" + free_port), write), "not executed");
}

TEST_F(ClientTest, DoesNotForgetWhatADyingServerMayHaveDone) {
  boost::asio::io_context own;
  tcp::acceptor acceptor(own, {boost::asio::ip::make_address("127.0.0.1"), 0});
  auto const address = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  std::thread server([&] {
    tcp::socket socket(own);
    acceptor.accept(socket);
    acceptor.close();
    ScriptedServer::read_request(socket);
    ScriptedServer::write(socket, ok);
    ScriptedServer::read_request(socket);
  });
  auto& api = client(address);
  EXPECT_EQ(outcome(api, keyed_write), "200");
  EXPECT_EQ(outcome(api, keyed_write), "unknown") << "that nobody can be asked again does not say it was not done";
  server.join();
}

TEST_F(ClientTest, DoesNotKnowWhatACutConnectionDid) {
  ScriptedServer server([](tcp::socket& socket, int connection) {
    ScriptedServer::read_request(socket);
    if (connection == 2) ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    if (connection == 3) ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Le");
    if (connection == 4) ScriptedServer::write(socket, "SSH-2.0-OpenSSH\r\n\r\n");
  });
  auto& api = client(server.base_url());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(outcome(api, read), "unknown");
  EXPECT_EQ(server.connections(), 4) << "a new connection is not tried twice";
}

TEST_F(ClientTest, KeepsItsDeadline) {
  std::atomic<bool> over = false;
  ScriptedServer server([&](tcp::socket& socket, int) {
    ScriptedServer::read_request(socket);
    ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\n");
    test::wait_until([&] { return over.load(); });
  });
  auto const start = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(client(server.base_url(), 50ms), read), "unknown");
  auto const took = std::chrono::steady_clock::now() - start;
  over = true;
  EXPECT_GE(took, 50ms);
  EXPECT_LT(took, 3s);
}

TEST_F(ClientTest, ReadsChunksAndWhatEndsWithTheConnection) {
  ScriptedServer server([](tcp::socket& socket, int connection) {
    ScriptedServer::read_request(socket);
    ScriptedServer::write(socket, connection == 1
                                      ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                                        "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
                                      : "HTTP/1.1 200 OK\r\n\r\nuntil the end");
  });
  auto& api = client(server.base_url());
  EXPECT_EQ(get(api).body, "hello world");
  EXPECT_EQ(get(api).body, "until the end");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, RefusesAnAnswerThatIsTooLong) {
  ScriptedServer server([](tcp::socket& socket, int) {
    ScriptedServer::read_request(socket);
    ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n");
  });
  EXPECT_EQ(outcome(client(server.base_url()), read), "unknown");
}

/// Answers one request, takes another and ends without a word; later connections are answered.
void die_once(tcp::socket& socket, int connection) {
  if (connection > 1) return answer_all(socket, connection);
  ScriptedServer::read_request(socket);
  ScriptedServer::write(socket, ok);
  ScriptedServer::read_request(socket);
}

TEST_F(ClientTest, RepeatsWhatIsSafeToRepeat) {
  for (auto const& [request, expected] :
       {std::pair{read, "200"}, std::pair{keyed_write, "200"}, std::pair{write, "unknown"}}) {
    ScriptedServer server(die_once);
    auto& api = client(server.base_url());
    EXPECT_EQ(outcome(api, read), "200");
    EXPECT_EQ(outcome(api, request), expected);
    EXPECT_EQ(server.connections(), expected == std::string("200") ? 2 : 1);
    client("http://127.0.0.1:1");
  }
}

TEST_F(ClientTest, DoesNotUseAConnectionThatHasEnded) {
  std::atomic<int> closed = 0;
  ScriptedServer server([&](tcp::socket& socket, int connection) {
    if (connection > 2) return answer_all(socket, connection);
    ScriptedServer::read_request(socket);
    ScriptedServer::write(socket, ok);
    if (connection == 2) ScriptedServer::write(socket, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    socket.close();
    ++closed;
  });
  auto& api = client(server.base_url());
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(outcome(api, write), "200") << "what could not be repeated is not sent into the void";
    if (i < 3) ASSERT_TRUE(test::wait_until([&] { return closed == i; }));
  }
  EXPECT_EQ(server.connections(), 3);
  client("http://127.0.0.1:1");
}

TEST_F(ClientTest, RefusesMoreThanItsShareAtOnce) {
  std::atomic<bool> open = false;
  ScriptedServer server([&](tcp::socket& socket, int) {
    test::wait_until([&] { return open.load(); });
    ScriptedServer::read_request(socket);
    ScriptedServer::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  auto& api = client(server.base_url());
  int answered = 0;
  for (int i = 0; i < 2; ++i) {
    boost::asio::co_spawn(loop, api.send(read), [&](std::exception_ptr fault, ClientResponse) { answered += !fault; });
  }
  EXPECT_EQ(outcome(api, read), "unavailable");
  open = true;
  loop.restart();
  loop.run();
  EXPECT_EQ(answered, 2);
}

}  // namespace
}  // namespace balcao::http

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "live_server.hpp"
#include "platform/http/client.hpp"

namespace balcao::http::test {

using boost::asio::ip::tcp;

/// What a server does with the n-th connection: whatever it likes.
using Script = std::function<void(tcp::socket&, int connection)>;

/// Serves one connection after the other by a script, on a thread of its own.
class ScriptedServer {
 public:
  explicit ScriptedServer(Script script) : script_(std::move(script)), thread_([this] { serve(); }) {}
  ~ScriptedServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket(loop_).connect(acceptor_.local_endpoint(), ignored);  // wakes it
    thread_.join();
  }

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  int connections() const { return connections_; }

  /// One request with its body; empty when the client closes.
  static std::string read_request(tcp::socket& socket) {
    std::string bytes;
    boost::system::error_code fault;
    auto const header = boost::asio::read_until(socket, boost::asio::dynamic_buffer(bytes), "\r\n\r\n", fault);
    if (fault) return {};
    auto const length = bytes.find("Content-Length: ");
    auto const body = length < header ? std::stoul(bytes.substr(length + 16)) : 0;
    while (bytes.size() < header + body && !fault) {
      boost::asio::read(socket, boost::asio::dynamic_buffer(bytes), boost::asio::transfer_at_least(1), fault);
    }
    return bytes;
  }
  static void write(tcp::socket& socket, std::string_view bytes) {
    boost::system::error_code gone;
    boost::asio::write(socket, boost::asio::buffer(bytes), gone);
  }

 private:
  void serve() {
    while (true) {
      tcp::socket socket(loop_);
      acceptor_.accept(socket);
      if (stopping_) return;
      script_(socket, ++connections_);
    }
  }

  Script script_;
  boost::asio::io_context loop_;
  tcp::acceptor acceptor_{loop_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

inline constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Answers every request of a connection.
inline void answer_all(tcp::socket& socket, int) {
  while (!ScriptedServer::read_request(socket).empty()) ScriptedServer::write(socket, ok);
}

/// A client and its loop.
class ClientTest : public testing::Test {
 protected:
  /// A client whose connections end before `loop` does.
  Client& client(std::string base_url, std::chrono::milliseconds deadline = std::chrono::seconds(5)) {
    client_ = std::make_unique<Client>(
        ClientOptions{.base_url = std::move(base_url), .deadline = deadline, .in_flight = 2, .response_bytes = 1000});
    return *client_;
  }

  ClientResponse send(Client& client, ClientRequest request) {
    ClientResponse response;
    auto const keep = [](Client& that, ClientRequest wanted, ClientResponse& kept) -> Task<> {
      kept = co_await that.send(std::move(wanted));
    };
    run_to_end(loop, keep(client, std::move(request), response));
    return response;
  }
  ClientResponse get(Client& client) { return send(client, {Method::get, "/", {}, {}}); }

  std::string outcome(Client& client, ClientRequest request) {
    try {
      return std::to_string(send(client, std::move(request)).status);
    } catch (TransportError const& error) {
      return error.executed() == TransportError::Executed::no ? "not executed" : "unknown";
    } catch (Problem const& problem) {
      return std::string(problem.type().code);
    }
  }

  ClientRequest const read{Method::get, "/", {}, {}};
  ClientRequest const write{Method::post, "/", {}, "x"};
  ClientRequest const keyed_write{Method::post, "/", {{"Idempotency-Key", "1"}}, "x"};
  boost::asio::io_context loop;

 private:
  std::unique_ptr<Client> client_;
};

}  // namespace balcao::http::test

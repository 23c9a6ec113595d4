#pragma once

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <thread>

#include "platform/http/server.hpp"

namespace balcao::http::test {

/// A handler from a function.
class Answering final : public Handler {
 public:
  using Function = std::function<Task<Response>(Request const&)>;
  explicit Answering(Function function) : function_(std::move(function)) {}
  Task<Response> handle(Request const& request) override { return function_(request); }
  /// A stream at `/stream` alone.
  Task<std::expected<BodyPolicy, Response>> expect(Request& head) override {
    if (look_) co_await look_();
    if (!refused_.empty() && head.path == refused_) co_return std::unexpected(Response{401, "text/plain", {}, "no"});
    co_return BodyPolicy{.as_stream = head.path == "/stream"};
  }
  /// Where no body is taken; before the first request.
  using Handler::refuse;
  void refuse(std::string path) { refused_ = std::move(path); }
  /// What it does first with the head of a request with a body; before the first request.
  void look_first(std::function<Task<>()> look) { look_ = std::move(look); }

 private:
  std::string refused_;
  std::function<Task<>()> look_;
  Function function_;
};

/// A server on a free port of this machine, on a thread of its own, until the end of the test.
class LiveServer {
 public:
  explicit LiveServer(Answering::Function function, Limits limits = {}, std::string const& host = "127.0.0.1",
                      std::size_t memory = 256 * 1024 * 1024)
      : memory_(memory), handler_(std::move(function)), server_(loops_, host, 0, limits, memory_) {
    server_.start(handler_);
    thread_ = std::thread([this] { loops_.run(); });
  }
  ~LiveServer() {
    drain(std::chrono::milliseconds(0));
    loops_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return server_.port(); }
  Server& server() { return server_; }
  void refuse(std::string path) { handler_.refuse(std::move(path)); }
  void look_first(std::function<Task<>()> look) { handler_.look_first(std::move(look)); }
  /// What its connections hold beyond what is free.
  std::size_t held() const { return memory_.used(); }

  std::size_t drain(std::chrono::milliseconds patience) {
    boost::asio::io_context loop;
    std::size_t left = 0;
    auto const keep = [](Server& server, std::chrono::milliseconds most, std::size_t& kept) -> Task<> {
      kept = co_await server.drain(most);
    };
    run_to_end(loop, keep(server_, patience, left));
    return left;
  }

 private:
  MemoryBudget memory_;
  Loops loops_{1};
  Answering handler_;
  Server server_;
  std::thread thread_;
};

/// A client's end of a connection, without any library's idea of what may be sent.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) { socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port}); }

  RawClient& send(std::string_view bytes) {
    boost::system::error_code gone;
    boost::asio::write(socket_, boost::asio::buffer(bytes), gone);
    return *this;
  }
  /// Up to and with `end`; what came, if the server closes before.
  std::string read_until(std::string_view end) {
    boost::system::error_code fault;
    auto const size = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(buffer_), std::string(end), fault);
    auto const text = buffer_.substr(0, fault ? buffer_.npos : size);
    buffer_.erase(0, text.size());
    return text;
  }
  /// All that comes until the server closes.
  std::string read_all() {
    boost::system::error_code fault;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(buffer_), fault);
    return std::move(buffer_);
  }

 private:
  boost::asio::io_context loop_;
  boost::asio::ip::tcp::socket socket_{loop_};
  std::string buffer_;
};

/// Whether nobody listens on the port any more.
inline bool cannot_connect(std::uint16_t port) {
  try {
    RawClient{port};
    return false;
  } catch (boost::system::system_error const&) {
    return true;
  }
}

/// Waits, blocking this thread, until `condition` holds; for at most ten seconds.
inline bool wait_until(std::function<bool()> const& condition) {
  auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

inline int count(std::string_view text, std::string_view part) {
  int found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

}  // namespace balcao::http::test

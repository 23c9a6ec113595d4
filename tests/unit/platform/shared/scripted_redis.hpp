#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "platform/shared/redis/resp.hpp"

namespace balcao::shared::test {

/// What looks like a Redis: it greets and answers pings, and counts when the test says so; or ends each connection once
/// it has greeted.
class ScriptedRedis {
 public:
  enum class Manner { counts_when_told, ends_at_once };

  explicit ScriptedRedis(Manner manner) : manner_(manner) {
    accept();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~ScriptedRedis() {
    loop_.stop();
    thread_.join();
  }
  ScriptedRedis(ScriptedRedis const&) = delete;

  std::string url() const { return "redis://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  int accepted() const { return accepted_; }
  /// Commands to count that have come.
  int asked() const { return asked_; }
  /// Answers the next of them.
  void answer() {
    boost::asio::post(loop_, [this] {
      auto const peer = waiting_.front();
      waiting_.pop_front();
      peer->say("*2\r\n:7\r\n:1000\r\n");
    });
  }

 private:
  using tcp = boost::asio::ip::tcp;
  struct Peer {
    explicit Peer(tcp::socket connected) : socket(std::move(connected)) {}
    void say(std::string_view words) {
      boost::system::error_code gone;
      boost::asio::write(socket, boost::asio::buffer(words), gone);
    }
    tcp::socket socket;
    redis::ReplyParser parser;
    std::array<char, 4096> bytes{};
  };

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code fault, tcp::socket client) {
      if (fault) return;
      ++accepted_;
      read(std::make_shared<Peer>(std::move(client)));
      accept();
    });
  }

  void read(std::shared_ptr<Peer> const& peer) {
    peer->socket.async_read_some(boost::asio::buffer(peer->bytes),
                                 [this, peer](boost::system::error_code fault, std::size_t size) {
                                   if (fault) return;
                                   peer->parser.feed({peer->bytes.data(), size});
                                   while (auto const command = peer->parser.next()) take(peer, *command);
                                   if (manner_ == Manner::counts_when_told) read(peer);
                                 });
  }

  void take(std::shared_ptr<Peer> const& peer, redis::Reply const& command) {
    auto const& name = command.items.at(0).text;
    if (name == "HELLO" || name == "PING") peer->say("+OK\r\n");
    if (name != "EVAL") return;
    waiting_.push_back(peer);
    ++asked_;
  }

  Manner const manner_;
  boost::asio::io_context loop_;
  tcp::acceptor acceptor_{loop_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::deque<std::shared_ptr<Peer>> waiting_;
  std::atomic<int> accepted_ = 0;
  std::atomic<int> asked_ = 0;
  std::thread thread_;
};

}  // namespace balcao::shared::test

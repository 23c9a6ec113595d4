#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <thread>

namespace balcao::test {

/// What a server looks like that lets everybody in and ends each connection at once, as a pooler does whose database is
/// away. It counts the connections.
class EndingServer {
 public:
  EndingServer() {
    accept();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~EndingServer() {
    loop_.stop();
    thread_.join();
  }
  EndingServer(EndingServer const&) = delete;

  int accepted() const { return accepted_; }
  std::string url() const {
    return "postgres://balcao@127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) +
           "/shop?sslmode=disable&gssencmode=disable";
  }

 private:
  using tcp = boost::asio::ip::tcp;

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code fault, tcp::socket client) {
      if (fault) return;
      ++accepted_;
      greet(client);
      accept();
    });
  }

  static void greet(tcp::socket& client) {
    boost::system::error_code gone;
    std::array<unsigned char, 4> size{};
    boost::asio::read(client, boost::asio::buffer(size), gone);
    if (gone) return;
    std::string startup((std::size_t{size[2]} << 8U | size[3]) - size.size(), '\0');
    boost::asio::read(client, boost::asio::buffer(startup), gone);
    auto const welcome = message('R', std::string(4, '\0')) + parameter("server_version", "15.0") +
                         parameter("in_hot_standby", "off") + parameter("default_transaction_read_only", "off") +
                         message('Z', "I");
    boost::asio::write(client, boost::asio::buffer(welcome), gone);
  }

  static std::string message(char type, std::string const& body) {
    return std::string{type, '\0', '\0', '\0', static_cast<char>(body.size() + 4)} + body;
  }
  static std::string parameter(std::string const& name, std::string const& value) {
    return message('S', name + '\0' + value + '\0');
  }

  boost::asio::io_context loop_;
  tcp::acceptor acceptor_{loop_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::atomic<int> accepted_ = 0;
  std::thread thread_;
};

}  // namespace balcao::test

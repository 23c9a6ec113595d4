#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "platform/shared/redis/resp.hpp"

namespace balcao::shared::test {

/// Waits, blocking this thread, until `condition` holds.
inline bool wait_until(std::function<bool()> const& condition,
                       std::chrono::milliseconds longest = std::chrono::seconds(10)) {
  auto const end = std::chrono::steady_clock::now() + longest;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

/// A Redis of the test's own on a free port, in a directory of its own, that ends with the test however that ends.
class RedisServer {
 public:
  explicit RedisServer(std::vector<std::string> options = {}, bool tls = false)
      : options_(std::move(options)), port_(free_port()), tls_(tls) {
    std::string name = (std::filesystem::temp_directory_path() / "balcao-redis-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = name;
    if (tls_) make_certificate();
    start();
  }
  ~RedisServer() {
    kill();
    std::filesystem::remove_all(directory_);
  }
  RedisServer(RedisServer const&) = delete;

  void start() {
    auto words = arguments();
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    process_ = ::fork();
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      int const nowhere = ::open("/dev/null", O_RDWR);
      ::dup2(nowhere, STDOUT_FILENO);
      ::dup2(nowhere, STDERR_FILENO);
      ::execvp(argv.front(), argv.data());
      ::_exit(127);
    }
    if (!wait_until([this] { return is_listening(); }))
      throw std::runtime_error("redis-server did not start; is it installed?");
  }

  /// As `kill -9`.
  void kill() { end_with(SIGKILL); }
  void freeze() { ::kill(process_, SIGSTOP); }
  void thaw() { ::kill(process_, SIGCONT); }

  /// One command from outside, on a connection of its own.
  redis::Reply ask(std::initializer_list<std::string_view> words) {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::socket socket(loop);
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), port_});
    boost::asio::write(socket, boost::asio::buffer(redis::command(words)));
    redis::ReplyParser parser;
    for (;;) {
      if (auto reply = parser.next()) return std::move(*reply);
      std::array<char, 4096> bytes{};
      parser.feed({bytes.data(), socket.read_some(boost::asio::buffer(bytes))});
    }
  }

  std::uint16_t port() const { return port_; }
  std::string certificate() const { return (directory_ / "server.crt").string(); }
  /// `login` as in `user:password@`.
  std::string url(std::string const& login = {}) const {
    return (tls_ ? "rediss://" : "redis://") + login + "127.0.0.1:" + std::to_string(port_);
  }

 private:
  static std::uint16_t free_port() {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::acceptor acceptor(loop, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return acceptor.local_endpoint().port();
  }

  std::vector<std::string> arguments() const {
    std::vector<std::string> words = {"redis-server", "--bind", "127.0.0.1",    "--dir", directory_.string(),
                                      "--save",       "",       "--appendonly", "no"};
    auto const port = std::to_string(port_);
    if (tls_) {
      auto const key = (directory_ / "server.key").string();
      words.insert(words.end(), {"--port", "0", "--tls-port", port, "--tls-cert-file", certificate(), "--tls-key-file",
                                 key, "--tls-ca-cert-file", certificate(), "--tls-auth-clients", "no"});
    } else {
      words.insert(words.end(), {"--port", port});
    }
    words.insert(words.end(), options_.begin(), options_.end());
    return words;
  }

  void make_certificate() const {
    auto const making =
        "cd '" + directory_.string() +
        "' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=balcao-test "
        "-addext subjectAltName=IP:127.0.0.1 -keyout server.key -out server.crt 2>/dev/null";
    if (std::system(making.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
  }

  bool is_listening() const {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::socket socket(loop);
    boost::system::error_code refused;
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), port_}, refused);
    return !refused;
  }

  void end_with(int signal) {
    if (process_ <= 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

  std::vector<std::string> const options_;
  std::uint16_t const port_;
  bool const tls_;
  std::filesystem::path directory_;
  pid_t process_ = -1;
};

}  // namespace balcao::shared::test

#include <condition_variable>
#include <mutex>

#include "platform/http/client.hpp"
#include "scripted_server.hpp"

namespace balcao::http {
namespace {

using namespace std::chrono_literals;
using test::answer_all;
using test::ClientTest;
using test::ScriptedServer;

/// Knows `quick.example`, which is this machine; every other name is silent until `end`.
struct NameServer {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;

  network::Addresses look_up(std::string const& name) {
    if (name == "quick.example") return {boost::asio::ip::make_address("127.0.0.1")};
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return over; });
    return {};
  }
  void end() {
    std::lock_guard const lock(mutex);
    over = true;
    changed.notify_all();
  }
};

class ClientNamesTest : public ClientTest {
 protected:
  void TearDown() override { names->end(); }

  ClientOptions options(std::string base_url, std::chrono::milliseconds deadline) {
    return {.base_url = std::move(base_url), .deadline = deadline, .resolver = &resolver};
  }

  std::shared_ptr<NameServer> names = std::make_shared<NameServer>();
  network::Resolver resolver{{.look_up = [names = names](auto const& name) { return names->look_up(name); }}};
};

TEST_F(ClientNamesTest, AnExchangeEndsByItsDeadlineThoughItsNameIsNotResolved) {
  Client slow(options("http://slow.example", 50ms));
  auto const started = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(slow, write), "not executed");
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
}

TEST_F(ClientNamesTest, ASlowNameDelaysNoOtherOfTheSameLoop) {
  ScriptedServer server(answer_all);
  auto const port = server.base_url().substr(server.base_url().rfind(':'));
  Client slow(options("http://slow.example", 50ms));
  EXPECT_EQ(outcome(slow, read), "not executed");  // its look-up goes on
  for (auto const* host : {"quick.example", "127.0.0.1"}) {
    Client quick(options("http://" + std::string(host) + port, 20s));
    EXPECT_EQ(outcome(quick, read), "200") << host;
  }
}

}  // namespace
}  // namespace balcao::http

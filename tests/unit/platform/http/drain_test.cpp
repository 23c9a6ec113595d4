#include <optional>

#include "live_server.hpp"

namespace balcao::http {
namespace {

using namespace std::chrono_literals;

Task<> drain(Server& server, std::optional<std::size_t>& left) { left = co_await server.drain(5s); }

// Its event loop stands still from before the connection is made until the draining has begun.
TEST(Drain, AConnectionThatOnlyTheKernelHasAcceptedIsStillAnswered) {
  Loops loops(1);
  test::Answering handler([](Request const&) -> Task<Response> { co_return Response{200, "text/plain", {}, "ok"}; });
  MemoryBudget memory(std::size_t{16} << 20);
  Server server(loops, "127.0.0.1", 0, {}, memory);
  server.start(handler);
  loops[0].poll();
  test::RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

  boost::asio::io_context draining;
  std::optional<std::size_t> left;
  start(draining, drain(server, left));
  draining.poll();
  std::thread thread([&] { loops.run(); });
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 200 "));
  draining.run();
  EXPECT_EQ(left, 0U);
  loops.stop();
  thread.join();
}

}  // namespace
}  // namespace balcao::http

// Servers that send without end. The bounds themselves are in response_reader_test.cpp, to the byte.
#include <atomic>

#include "platform/http/client.hpp"
#include "scripted_server.hpp"

namespace balcao::http {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using test::ClientTest;
using test::ScriptedServer;

struct Endless {
  char const* name;
  std::string start;
  std::string again;
};

class EndlessAnswer : public ClientTest, public testing::WithParamInterface<Endless> {};

TEST_P(EndlessAnswer, EndsWithAnError) {
  constexpr std::size_t without_end = 32UL << 20U;  // much more than the sockets' buffers hold
  std::string block;
  while (block.size() < 64UL * 1024) block += GetParam().again;
  std::atomic<std::size_t> written = 0;
  ScriptedServer server([&](tcp::socket& socket, int) {
    ScriptedServer::read_request(socket);
    boost::system::error_code gone;
    boost::asio::write(socket, boost::asio::buffer(GetParam().start), gone);
    while (!gone && written < without_end) written += boost::asio::write(socket, boost::asio::buffer(block), gone);
  });
  EXPECT_EQ(outcome(client(server.base_url(), 20s), read), "unknown");
  EXPECT_LT(written, without_end / 2) << "the client goes away instead of reading on";
}

std::string const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(
    Of, EndlessAnswer,
    testing::Values(Endless{"StatusLine", "HTTP/1.1 200 ", "a"}, Endless{"FieldName", "HTTP/1.1 200 OK\r\n", "a"},
                    Endless{"FieldValue", "HTTP/1.1 200 OK\r\nA: ", "a"},
                    Endless{"Fields", "HTTP/1.1 200 OK\r\n", "A: b\r\n"},
                    Endless{"InterimResponses", "", "HTTP/1.1 102 Processing\r\n\r\n"},
                    Endless{"ChunkExtension", chunked + "1;", "a"}, Endless{"ChunkSize", chunked, "0"},
                    Endless{"QuotedExtension", chunked + "1;a=\"", "a"},
                    Endless{"TrailerLine", chunked + "0\r\nA: ", "a"},
                    Endless{"Trailers", chunked + "0\r\n", "A: b\r\n"}, Endless{"Chunks", chunked, "1\r\na\r\n"},
                    Endless{"ChunkedBody", chunked + "ffffffff\r\n", "a"},
                    Endless{"BodyUntilTheEnd", "HTTP/1.1 200 OK\r\n\r\n", "a"}, Endless{"Garbage", "", "a"}),
    [](auto const& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace balcao::http

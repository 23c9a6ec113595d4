// A webhook receiver that does what it likes on each of its connections, against the whole client: it must get an
// answer or an error for each of its requests, and never the bytes of one answer for another request. The input is a
// script: what is sent on a request, line by line (`\` stands for CR LF, `#` for the request's mark, `!` closes the
// connection).
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "platform/http/client.hpp"

namespace {

namespace asio = boost::asio;
namespace http = balcao::http;
using asio::ip::tcp;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t requests = 4;

/// A request's mark is a byte that no script can send otherwise; its number is in its target: `/2`.
constexpr unsigned first_mark = 0xf0;

bool is_mark(char c) { return static_cast<unsigned char>(c) >= first_mark; }
char mark_of(unsigned number) { return static_cast<char>(first_mark + number); }
char mark_of(std::string_view request) {
  return mark_of(request.size() > 5 ? static_cast<unsigned>(request[5] - '0') % requests : 0U);
}

/// What one request is answered, and whether the connection ends then.
struct Line {
  std::string bytes;
  bool closes = false;
};

std::vector<Line> read_script(std::string_view text) {
  std::vector<Line> script(1);
  for (char const c : text.substr(0, 4096)) {
    auto& line = script.back();
    if (c == '\n') {
      if (script.size() == requests) break;
      script.emplace_back();
    } else if (c == '\\') {
      line.bytes += "\r\n";
    } else if (c == '!') {
      line.closes = true;
    } else if (!is_mark(c)) {
      line.bytes += c;
    }
  }
  return script;
}

balcao::Task<> serve(tcp::socket socket, std::vector<Line> const& script, std::size_t& next) {
  std::array<char, 2048> request{};
  while (true) {
    auto const [fault, size] = co_await socket.async_read_some(asio::buffer(request), awaiting);
    if (fault) co_return;
    Line line = next < script.size() ? script[next] : Line{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n#"};
    ++next;
    std::ranges::replace(line.bytes, '#', mark_of({request.data(), size}));
    auto const [gone, count] = co_await asio::async_write(socket, asio::buffer(line.bytes), awaiting);
    if (gone || line.closes) co_return;
  }
}

balcao::Task<> accept(tcp::acceptor& acceptor, std::vector<Line> const& script, std::size_t& next) {
  while (true) {
    auto [fault, socket] = co_await acceptor.async_accept(awaiting);
    if (fault) co_return;
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), script, next), asio::detached);
  }
}

/// The marks in an answer must be those of its own request.
balcao::Task<> ask(http::Client& client, bool& mixed_up, std::size_t& outcomes) {
  for (unsigned number = 0; number < requests; ++number) {
    try {
      auto const response = co_await client.send({http::Method::get, '/' + std::to_string(number), {}, {}});
      mixed_up = mixed_up ||
                 std::ranges::any_of(response.body, [number](char c) { return is_mark(c) && c != mark_of(number); });
    } catch (http::TransportError const&) {  // as good as an answer
    }
    ++outcomes;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  auto const script = read_script(text);
  std::size_t next = 0;
  asio::io_context loop;
  tcp::acceptor acceptor(loop, {asio::ip::make_address("127.0.0.1"), 0});
  bool mixed_up = false;
  std::size_t outcomes = 0;
  asio::co_spawn(loop, accept(acceptor, script, next), asio::detached);
  http::Client client({.base_url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()),
                       .deadline = std::chrono::milliseconds(5),
                       .response_bytes = 64});
  asio::co_spawn(loop, ask(client, mixed_up, outcomes), [&](std::exception_ptr const& fault) {
    if (fault) std::abort();
    loop.stop();
  });
  loop.run();
  if (mixed_up || outcomes != requests) std::abort();
  return 0;
}

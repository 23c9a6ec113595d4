#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <tuple>

#include "platform/http/connection.hpp"
#include "platform/http/spool.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::http {
namespace {

namespace asio = boost::asio;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t read_size = 32 * 1024;
constexpr std::size_t write_size = 64 * 1024;
constexpr std::size_t kept_in_memory = 256 * 1024;  ///< of what a client does not take
constexpr std::size_t said_at_the_end = 64 * 1024;  ///< by a handler that has been told that its answer is not read

/// What a handler makes of a stream (rows, and statements for them), and its answer that waits, take several times the
/// bytes that have come, until it waits for its batches to be stored.
constexpr std::size_t held_for_each_byte = 4;
constexpr std::size_t max_held = 4 * 1024 * 1024;

Problem shutting_down() {
  return overloaded("The server shuts down. Send the rest again.",
                    "O servidor está encerrando. Envie o resto de novo.");
}

Problem no_memory() {
  return overloaded("There is no memory for more now. Send the rest later.",
                    "Não há memória para mais agora. Envie o resto depois.");
}

Problem not_read() {
  return Problem(problems::request_timeout,
                 {"The answer was not read. Read it while you send.", "A resposta não foi lida. Leia enquanto envia."});
}

}  // namespace

Task<std::string_view> Connection::Incoming::read() {
  auto& parser = connection_.parser_;
  auto& in = connection_.in_;
  while (parser.state() != RequestParser::State::complete) {
    if (connection_.in_start_ < in.size()) {
      connection_.in_start_ += parser.feed(std::string_view(in).substr(connection_.in_start_));
      if (parser.fault()) throw Problem(*parser.fault());
      if (!parser.piece().empty()) co_return parser.piece();
      if (parser.state() == RequestParser::State::complete) break;
    }
    co_await receive();
  }
  co_return std::string_view{};
}

Task<> Connection::Incoming::receive() {
  auto& self = connection_;
  if (self.draining_) throw shutting_down();
  if (!co_await self.ask_for_body()) throw ClientGone();
  self.in_.erase(0, self.in_start_);
  self.in_start_ = 0;
  auto const size = self.in_.size();
  self.in_.resize(size + read_size);
  self.stream_held_ = std::min(max_held, received_ * held_for_each_byte);
  if (!self.count_memory()) {
    self.in_.resize(size);
    throw no_memory();
  }
  self.enter(Phase::reading_stream, self.limits_.body_deadline);
  boost::system::error_code fault;
  std::size_t count = 0;
  do {
    std::tie(fault, count) =
        co_await self.socket_.async_read_some(asio::buffer(self.in_.data() + size, read_size), awaiting);
  } while (fault == asio::error::operation_aborted && self.socket_.is_open() && !self.timed_out_ && !self.draining_);
  self.phase_ = Phase::answering;
  self.deadline_ = SteadyTime::max();
  self.in_.resize(size + count);
  received_ += count;
  if (std::exchange(self.timed_out_, false)) throw Problem(problems::request_timeout);
  if (fault && self.draining_) throw shutting_down();
  if (fault) {
    throw Problem(problems::bad_request, {"The body breaks off before its end.", "O corpo termina antes do fim."});
  }
}

/// What goes out of a stream: `out_` of the connection, then the spool, then `behind_`.
class Connection::Outgoing final : public BodyWriter {
 public:
  explicit Outgoing(Connection& connection) : connection_(connection), in_chunks_(connection.parser_.takes_chunks()) {}

  Task<> write(std::string_view piece) override {
    frame(piece);
    if (behind_.size() >= write_size) co_await send_all();
  }

  Task<> enqueue(std::string_view piece) override {
    frame(piece);
    if (gives_up_) {
      if (behind_.size() > kept_in_memory + said_at_the_end) throw ClientGone();
      co_return;
    }
    co_await send_what_is_taken();
    bool const fits = behind_.size() < kept_in_memory && connection_.count_memory();
    if (!fits && !co_await put_by()) co_await wait_for_client();
  }

  Task<> finish() {
    if (gives_up_) co_await pass_over_body();
    if (in_chunks_) behind_ += "0\r\n\r\n";
    co_await send_all();
  }

 private:
  void frame(std::string_view piece) {
    if (piece.empty()) return;
    if (!in_chunks_) {
      behind_ += piece;
      return;
    }
    std::array<char, 16> size{};
    behind_.append(size.data(), std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr);
    behind_ += "\r\n";
    behind_ += piece;
    behind_ += "\r\n";
  }

  /// Whether there is something to send.
  Task<bool> next() {
    auto& out = connection_.out_;
    if (!out.empty()) co_return true;
    if (spool_ && !spool_->empty()) {
      out = co_await connection_.spooling_.run([this] { return spool_->take(write_size); });
    } else {
      std::swap(out, behind_);
      behind_.clear();
    }
    co_return !out.empty();
  }

  Task<> send_all() {
    while (co_await next()) {
      if (!co_await connection_.flush()) throw ClientGone();
    }
  }

  Task<> send_what_is_taken() {
    auto& out = connection_.out_;
    while (co_await next()) {
      boost::system::error_code fault;
      out.erase(0, connection_.socket_.write_some(asio::buffer(out), fault));
      if (fault == asio::error::would_block || (!fault && !out.empty())) co_return;
      if (fault) throw ClientGone();
    }
  }

  /// Nothing more can be kept: reads no more of the request until the client has taken something. Throws a Problem
  /// where that lasts too long.
  Task<> wait_for_client() {
    while (!behind_.empty()) {
      if (!co_await connection_.wait_until_writable()) {
        gives_up_ = true;
        throw not_read();
      }
      co_await send_what_is_taken();
    }
  }

  /// A client that sends all before it reads would never come to read why this has ended.
  Task<> pass_over_body() {
    auto const end = std::chrono::steady_clock::now() + connection_.limits_.body_deadline;
    Incoming rest(connection_);
    try {
      while (std::chrono::steady_clock::now() < end && !(co_await rest.read()).empty()) co_await send_what_is_taken();
    } catch (Problem const&) {  // whatever is wrong with it now
    }
  }

  /// Moves what waits in memory to the file; false where it does not go there.
  Task<bool> put_by() {
    bool const is_kept = co_await connection_.spooling_.run([this] {
      if (!spool_) spool_ = Spool::open({connection_.spool_space_, connection_.client_network_});
      return spool_ && spool_->append(behind_);
    });
    if (is_kept) behind_.clear();
    co_return is_kept;
  }

  Connection& connection_;
  bool const in_chunks_;
  bool gives_up_ = false;
  std::string behind_;
  std::unique_ptr<Spool> spool_;
};

Task<> Connection::answer_with_stream(Response const& response, Request const& request, bool keep_alive) {
  bool const in_chunks = parser_.takes_chunks();
  has_asked_for_body_ = true;
  append_head(response, out_);
  if (in_chunks) out_ += "Transfer-Encoding: chunked\r\n";
  append_common_lines(request, keep_alive && in_chunks);
  if (request.method == Method::head) {
    open_ = keep_alive && in_chunks;
    co_return;
  }
  try {
    Outgoing outgoing(*this);
    co_await response.stream(outgoing);
    co_await outgoing.finish();
    open_ = keep_alive && in_chunks;
    co_return;
  } catch (ClientGone const&) {
  } catch (std::exception const& error) {
    log::error("a stream failed",
               {{"path", request.path}, {"error", error.what()}, {"trace_id", request.trace().trace_id}});
  }
  cut_off();  // without the last chunk, so that the client sees that something is missing
  open_ = false;
}

}  // namespace balcao::http

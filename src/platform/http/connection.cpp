#include "platform/http/connection.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <ctime>

#include "platform/telemetry/log.hpp"

namespace balcao::http {
namespace {

namespace asio = boost::asio;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t idle_read_size = 2 * 1024;  ///< small, since thousands of idle connections hold one each
constexpr std::size_t read_size = 32 * 1024;
constexpr std::chrono::milliseconds moment_for_first{500};
constexpr std::size_t flush_size = 64 * 1024;  ///< answers to pipelined requests are sent together up to here

/// The `Date` line (RFC 9110 §6.6.1), written anew when the second changes.
std::string_view date_line() {
  thread_local std::time_t written = 0;
  thread_local std::array<char, 64> line{};
  thread_local std::size_t length = 0;
  auto const now = std::time(nullptr);
  if (now != written) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    length = std::strftime(line.data(), line.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    written = now;
  }
  return {line.data(), length};
}

}  // namespace

void Connection::append_common_lines(Request const& request, bool keep_alive) {
  out_ += date_line();
  out_ += "X-Content-Type-Options: nosniff\r\nX-Request-Id: ";
  out_ += request.trace().request_id;
  out_ += keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
}

Connection::Connection(asio::ip::tcp::socket socket, std::string peer, Limits const& limits, Handler& handler,
                       std::atomic<bool> const& draining, Workers& spooling)
    : socket_(std::move(socket)),
      peer_(std::move(peer)),
      behind_proxy_(limits.trusted_proxies.contains(peer_)),
      limits_(limits),
      handler_(handler),
      draining_(draining),
      spooling_(spooling),
      parser_(limits_, [this](Request const& request) {
        auto const method = request.method;
        bool const has_body = method == Method::post || method == Method::put || method == Method::patch;
        return has_body && handler_.reads_stream(method, request.path);
      }) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Task<> Connection::run() {
  while (open_) {
    if (parser_.state() != RequestParser::State::complete && in_start_ < in_.size()) {
      in_start_ += parser_.feed(std::string_view(in_).substr(in_start_));
    }
    if (parser_.fault()) {
      co_await refuse(*parser_.fault());
    } else if (parser_.state() == RequestParser::State::complete || parser_.is_stream()) {
      has_answered_ = true;
      co_await answer(parser_.request(), parser_.keep_alive() && !draining_);
    } else if (co_await flush()) {
      co_await read_more();
    }
    if (out_.size() >= flush_size) co_await flush();
  }
  co_await flush();
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  socket_.close(ignored);
}

Task<> Connection::read_more() {
  in_.erase(0, in_start_);
  in_start_ = 0;
  bool const in_body = parser_.state() == RequestParser::State::body;
  if (in_body && phase_ != Phase::reading_body) {
    if (parser_.expects_continue()) {
      out_ += "HTTP/1.1 100 Continue\r\n\r\n";
      if (!co_await flush()) co_return;
    }
    enter(Phase::reading_body, limits_.body_deadline);
  } else if (!in_body && !in_.empty() && phase_ != Phase::reading_header) {
    enter(Phase::reading_header, limits_.header_deadline);
  } else if (!in_body && in_.empty()) {
    enter(Phase::idle, limits_.idle_deadline);
  }

  auto const size = in_.size();
  auto const room = phase_ == Phase::idle ? idle_read_size : read_size;
  in_.resize(size + room);
  auto const [fault, count] = co_await socket_.async_read_some(asio::buffer(in_.data() + size, room), awaiting);
  in_.resize(size + count);
  // The deadline counts even where the bytes came in the same moment: it is not set again within one request.
  bool const late = std::exchange(timed_out_, false);
  if (late && phase_ != Phase::idle) {
    co_await refuse(Problem(problems::request_timeout));
  } else if (fault) {
    open_ = false;
  }
}

/// Sends what is ready; false when the client is gone.
Task<bool> Connection::flush() {
  if (!socket_.is_open()) {  // cut off while the handler worked
    out_.clear();
    co_return open_ = false;
  }
  if (out_.empty()) co_return open_;
  boost::system::error_code fault;
  std::size_t const sent = socket_.write_some(asio::buffer(out_), fault);  // mostly all of it, and at once
  if (fault == asio::error::would_block) fault = {};
  if (!fault && sent < out_.size()) {
    write_deadline_ = std::chrono::steady_clock::now() + limits_.write_deadline;
    auto const [late_fault, count] = co_await asio::async_write(socket_, asio::buffer(out_) + sent, awaiting);
    fault = late_fault;
    timed_out_ = false;
    write_deadline_ = SteadyTime::max();
  }
  out_.clear();
  if (out_.capacity() > 4 * flush_size) out_.shrink_to_fit();
  if (fault) open_ = false;
  co_return open_;
}

Task<> Connection::answer(Request& request, bool keep_alive) {
  if (behind_proxy_) client_ = limits_.trusted_proxies.client_of(peer_, request);
  request.peer = behind_proxy_ ? client_ : peer_;
  deadline_ = SteadyTime::max();
  phase_ = Phase::answering;
  if (auto const* stored = handler_.answer_at_once(request)) {
    open_ = keep_alive;
    append(*stored, request, open_);
    parser_.next();
    co_return;
  }
  Incoming incoming(*this);
  if (parser_.is_stream()) request.body_reader = &incoming;
  Response response;
  try {
    response = co_await handler_.handle(request);
  } catch (std::exception const& error) {
    log::error("a request failed",
               {{"path", request.path}, {"error", error.what()}, {"trace_id", request.trace().trace_id}});
    response = handler_.refuse(Problem(problems::internal), request);
  }
  if (response.cut_off) {
    co_await flush();
    cut_off();
    open_ = false;
    co_return;
  }
  bool const stays = keep_alive && !draining_;  // asked once: what the answer says of the connection must come true
  if (response.stream) {
    co_await answer_with_stream(response, request, stays);
  } else {
    open_ = stays && parser_.state() == RequestParser::State::complete;
    append(response, request, open_);
  }
  if (parser_.state() == RequestParser::State::complete) {
    parser_.next();
  } else if (co_await flush(); socket_.is_open()) {
    open_ = false;
    co_await linger();
  }
}

/// Answers what is no request, and closes: where it ends, nobody knows.
Task<> Connection::refuse(Problem const& problem) {
  append(handler_.refuse(problem, parser_.request()), parser_.request(), false);
  open_ = false;
  co_await flush();
  co_await linger();
}

/// What the client still sends must be read, or the reset that answers it could overtake our response (RFC 9112 §9.6).
Task<> Connection::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  enter(Phase::reading_header, std::chrono::seconds(2));
  timed_out_ = false;
  std::array<char, 4096> rest{};
  while (!timed_out_) {
    auto const [fault, count] = co_await socket_.async_read_some(asio::buffer(rest), awaiting);
    if (fault) break;
  }
}

void Connection::append(Response const& response, Request const& request, bool keep_alive) {
  append_head(response, out_);
  append_common_lines(request, keep_alive);
  if (request.method != Method::head) out_ += response.body;
}

void Connection::append(StoredResponse const& stored, Request const& request, bool keep_alive) {
  auto const if_none_match = stored.etag.empty() ? std::nullopt : request.header("If-None-Match");
  bool const not_modified = if_none_match && matches_etag(*if_none_match, stored.etag);
  out_ += not_modified ? stored.not_modified_head : stored.head;
  append_common_lines(request, keep_alive);
  if (!not_modified && request.method != Method::head) out_ += stored.body;
}

void Connection::enter(Phase phase, std::chrono::milliseconds patience) {
  phase_ = phase;
  deadline_ = std::chrono::steady_clock::now() + patience;
}

void Connection::check_deadline(SteadyTime now) {
  if (now < deadline_ && now < write_deadline_) return;
  deadline_ = write_deadline_ = SteadyTime::max();
  timed_out_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::close_if_idle(SteadyTime now) {
  boost::system::error_code fault;
  bool const is_new = !has_answered_ && now - opened_ < moment_for_first;
  bool const is_idle = phase_ == Phase::idle && !is_new && socket_.available(fault) == 0;
  if (is_idle || phase_ == Phase::reading_stream) socket_.cancel(fault);
}

void Connection::cut_off() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace balcao::http

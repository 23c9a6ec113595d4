#include "platform/http/connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <ctime>

#include "platform/http/client_network.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::http {
namespace {

namespace asio = boost::asio;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t idle_read_size = 2 * 1024;  ///< small, since thousands of idle connections hold one each
constexpr std::size_t idle_write_size = 1024;
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

Problem no_memory() {
  return overloaded("There is no memory for this now. Try again in a moment.",
                    "Não há memória para isto agora. Tente de novo em instantes.");
}

}  // namespace

void Connection::append_common_lines(Request const& request, bool keep_alive) {
  out_ += date_line();
  out_ += "X-Content-Type-Options: nosniff\r\nX-Request-Id: ";
  out_ += request.trace().request_id;
  out_ += keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
}

Connection::Connection(asio::ip::tcp::socket socket, std::string peer, Dependencies dependencies)
    : socket_(std::move(socket)),
      peer_(std::move(peer)),
      behind_proxy_(dependencies.limits.trusted_proxies.contains(peer_)),
      limits_(dependencies.limits),
      handler_(dependencies.handler),
      draining_(dependencies.draining),
      spooling_(dependencies.spooling),
      memory_(dependencies.memory),
      spool_space_(dependencies.spool_space),
      client_network_(client_network(peer_)),
      share_(memory_, client_network_),
      parser_(limits_) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Task<> Connection::run() {
  while (open_) {
    bool const takes_bytes = parser_.state() != RequestParser::State::complete && !parser_.is_stream();
    if (takes_bytes && in_start_ < in_.size()) {
      in_start_ += parser_.feed(std::string_view(in_).substr(in_start_));
    }
    if (parser_.fault()) {
      co_await refuse(*parser_.fault());
    } else if (parser_.state() == RequestParser::State::header_read) {
      co_await expect_body();
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

Task<> Connection::expect_body() {
  deadline_ = SteadyTime::max();
  phase_ = Phase::answering;
  has_asked_for_body_ = false;
  // Looking at the head may take a while, and the client may wait for an earlier answer before it sends the body.
  if (!co_await flush()) co_return;
  know_client();
  if (!count_memory()) co_return co_await refuse(no_memory());
  auto& request = parser_.request();
  std::expected<BodyPolicy, Response> expected;
  try {
    expected = co_await handler_.expect(request);
  } catch (std::exception const& error) {
    log::error("a request failed",
               {{"path", request.path}, {"error", error.what()}, {"trace_id", request.trace().trace_id}});
    expected = std::unexpected(handler_.refuse(Problem(problems::internal), request));
  }
  if (!expected) {
    co_await answer_without_body(expected.error());
  } else if (expected->as_stream) {
    parser_.stream_body();
  } else {
    parser_.take_body(expected->max_bytes);
    bool const is_small = parser_.fault() || parser_.announced() <= free_bytes;
    if (!is_small && parser_.announced() > share_.largest()) co_await refuse(no_memory());
  }
}

/// The connection stays where the body is here already, as small ones mostly are.
Task<> Connection::answer_without_body(Response const& response) {
  parser_.stream_body();
  in_start_ += parser_.feed(std::string_view(in_).substr(in_start_));
  bool const is_here = parser_.state() == RequestParser::State::complete && !parser_.fault();
  has_answered_ = true;
  open_ = is_here && parser_.keep_alive() && !draining_;
  append(response, parser_.request(), open_);
  if (is_here) {
    parser_.next();
  } else if (co_await flush(); socket_.is_open()) {
    open_ = false;
    co_await linger();
  }
}

/// Finds out who sends the request: whom its memory counts for, and what handlers are told.
void Connection::know_client() {
  if (behind_proxy_) {
    client_ = limits_.trusted_proxies.client_of(peer_, parser_.request());
    if (auto network = client_network(client_); network != client_network_) {
      client_network_ = std::move(network);
      share_ = MemoryBudget::Share(memory_, client_network_);
      count_memory();
    }
  }
  parser_.request().peer = behind_proxy_ ? client_ : peer_;
}

/// Takes a share of the memory for what is held now, in steps, or gives it back; false where there is not so much.
bool Connection::count_memory() {
  constexpr std::size_t step = 16 * 1024;
  auto const held = in_.capacity() + out_.capacity() + parser_.held() + stream_held_;
  return share_.resize(held <= free_bytes ? 0 : (held - free_bytes + step - 1) / step * step);
}

/// Between requests.
void Connection::release_memory() {
  if (in_.capacity() > idle_read_size) in_.shrink_to_fit();
  if (out_.capacity() > idle_write_size) out_.shrink_to_fit();
  count_memory();
}

std::size_t Connection::room_to_read() const {
  if (phase_ == Phase::idle || phase_ == Phase::reading_header) return idle_read_size;
  auto const announced = parser_.announced();
  return announced == 0 ? read_size : std::clamp<std::size_t>(announced, idle_read_size, read_size);
}

Task<> Connection::read_more() {
  in_.erase(0, in_start_);
  in_start_ = 0;
  bool const in_body = parser_.state() == RequestParser::State::body;
  if (in_body && phase_ != Phase::reading_body) {
    if (!co_await ask_for_body()) co_return;
    enter(Phase::reading_body, limits_.body_deadline);
  } else if (!in_body && !in_.empty() && phase_ != Phase::reading_header) {
    enter(Phase::reading_header, limits_.header_deadline);
  } else if (!in_body && in_.empty()) {
    enter(Phase::idle, limits_.idle_deadline);
    release_memory();
  }

  auto const size = in_.size();
  auto const room = room_to_read();
  in_.resize(size + room);
  if (phase_ != Phase::idle && !count_memory()) co_return co_await refuse(no_memory());
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
  if (!fault && sent < out_.size() && !count_memory()) fault = asio::error::no_memory;
  if (!fault && sent < out_.size()) {
    write_deadline_ = std::chrono::steady_clock::now() + limits_.write_deadline;
    auto const [late_fault, count] = co_await asio::async_write(socket_, asio::buffer(out_) + sent, awaiting);
    fault = late_fault;
    timed_out_ = write_timed_out_ = false;
    write_deadline_ = SteadyTime::max();
  }
  out_.clear();
  if (fault) open_ = false;
  if (fault == asio::error::no_memory) cut_off();
  co_return open_;
}

/// False where the client has taken nothing for Limits::write_deadline. Throws ClientGone.
Task<bool> Connection::wait_until_writable() {
  write_deadline_ = std::chrono::steady_clock::now() + limits_.write_deadline;
  while (true) {
    auto const [fault] = co_await socket_.async_wait(asio::ip::tcp::socket::wait_write, awaiting);
    if (std::exchange(write_timed_out_, false)) co_return false;
    bool const was_for_the_read = fault == asio::error::operation_aborted && socket_.is_open();
    if (was_for_the_read) continue;
    write_deadline_ = SteadyTime::max();
    if (fault) throw ClientGone();
    co_return true;
  }
}

/// Where its client waits for that. False when the client is gone.
Task<bool> Connection::ask_for_body() {
  if (std::exchange(has_asked_for_body_, true) || !parser_.expects_continue()) co_return true;
  out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  co_return co_await flush();
}

Task<> Connection::answer(Request& request, bool keep_alive) {
  know_client();
  if (!count_memory()) co_return co_await refuse(no_memory());
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
  stream_held_ = 0;
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
  in_.clear();
  in_start_ = 0;
  parser_.next();
  release_memory();
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
  bool const is_late = now >= deadline_;
  bool const write_is_late = now >= write_deadline_;
  if (!is_late && !write_is_late) return;
  if (is_late) deadline_ = SteadyTime::max();
  if (write_is_late) write_deadline_ = SteadyTime::max();
  timed_out_ = timed_out_ || is_late;
  write_timed_out_ = write_timed_out_ || write_is_late;
  // This ends a read and a write alike. Whoever is not late goes on.
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

#include "platform/http/request_parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <limits>

#include "platform/json/parse.hpp"

namespace balcao::http {
namespace {

namespace beast = boost::beast;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

Problem malformed(std::string_view en, std::string_view pt) {
  return Problem(problems::bad_request, {std::string(en), std::string(pt)});
}

Problem too_large(std::size_t limit) {
  auto const bytes = std::to_string(limit);
  return Problem(problems::payload_too_large,
                 {"At most " + bytes + " bytes are taken.", "O limite é de " + bytes + " bytes."});
}

Problem translate(beast::error_code const& fault, std::size_t max_body) {
  if (fault == beast::http::error::body_limit) return too_large(max_body);
  return Problem(problems::bad_request, {"This is not an HTTP/1.1 request: " + fault.message() + ".",
                                         "Isto não é uma requisição HTTP/1.1: " + fault.message() + "."});
}

// What a connection keeps between requests, of which there may be thousands.
constexpr std::size_t kept_bytes = 1024;
constexpr std::size_t kept_fields = 32;

void forget(std::string& text) {
  text.clear();
  if (text.capacity() > kept_bytes) text.shrink_to_fit();
}

/// What the header's bytes must not contain, whatever they mean. `bytes` may be cut anywhere; what stands before `from`
/// has been looked at. It goes from CR to CR, since a library's search of many bytes at once is the fastest there is.
std::optional<Problem> check_bytes(std::string_view bytes, std::size_t from) {
  if (bytes.find('\0', from) != bytes.npos) {
    return malformed("The header contains a NUL byte.", "O cabeçalho contém um byte NUL.");
  }
  if (from > 0 && bytes[from - 1] == '\r') --from;
  while (from < bytes.size()) {
    auto const cr = bytes.find('\r', from);
    if (bytes.substr(from, cr - from).contains('\n')) {
      return malformed("A line of the header ends without CR.", "Uma linha do cabeçalho termina sem CR.");
    }
    if (cr == bytes.npos || cr + 1 == bytes.size()) break;
    if (bytes[cr + 1] != '\n') {
      return malformed("The header contains a bare CR.", "O cabeçalho contém um CR solto.");
    }
    from = cr + 2;
    if (from < bytes.size() && (bytes[from] == ' ' || bytes[from] == '\t')) {
      return malformed("A header field is folded over lines.", "Um campo do cabeçalho continua em outra linha.");
    }
  }
  return std::nullopt;
}

}  // namespace

/// Beast's parser, writing straight into our request instead of into a container of its own.
class RequestParser::Beast final : public beast::http::basic_parser<true> {
 public:
  Beast(Request& request, std::string& body) : request_(request), body_(body) {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // the header's size has been checked before it comes here
    body_limit(boost::none);                                  // nobody knows yet
    eager(true);
  }

  int version() const { return version_; }

 private:
  using error_code = beast::error_code;

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       error_code&) override {
    version_ = version;
    request_.method_name = view(method);
    request_.method = http::parse_method(request_.method_name);
    request_.target = view(target);
    auto const mark = request_.target.find('?');
    request_.path = request_.target.substr(0, mark);
    request_.query = mark == std::string_view::npos ? std::string_view{} : request_.target.substr(mark + 1);
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, error_code&) override {
    if (!is_header_done()) request_.headers.emplace_back(view(name), view(value));  // trailers are dropped
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view part, error_code&) override {
    body_.append(part.data(), part.size());
    return part.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view part, error_code&) override {
    body_.append(part.data(), part.size());
    return part.size();
  }
  void on_finish_impl(error_code&) override {}

  Request& request_;
  std::string& body_;
  int version_ = 11;
};

RequestParser::RequestParser(Limits const& limits) : limits_(limits) {}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view bytes) {
  switch (state_) {
    case State::header:
      return feed_header(bytes);
    case State::body:
      return fault_ ? 0 : feed_body(bytes);
    case State::header_read:
    case State::complete:
      break;
  }
  return 0;
}

void RequestParser::take_body(std::size_t max_bytes) {
  state_ = State::body;
  max_body_ = std::min(max_bytes, limits_.body_bytes);
  beast_->body_limit(max_body_);  // which counts chunks
  if (announced() > max_body_) fail(too_large(max_body_));
}

void RequestParser::stream_body() {
  state_ = State::body;
  is_stream_ = true;
}

std::uint64_t RequestParser::announced() const {
  return beast_ && state_ != State::header ? beast_->content_length_remaining().value_or(0) : 0;
}

std::size_t RequestParser::held() const {
  return head_.capacity() + body_.capacity() + request_.headers.capacity() * sizeof(request_.headers.front());
}

std::size_t RequestParser::feed_header(std::string_view bytes) {
  // A server should ignore empty lines before the request (RFC 9112 §2.2); one may come in two halves.
  std::size_t skipped = 0;
  while (scanned_ == 0 && bytes.substr(skipped).starts_with("\r\n")) skipped += 2;
  bytes.remove_prefix(skipped);
  if (bytes == "\r") return skipped;

  auto const search_from = scanned_ < 3 ? 0 : scanned_ - 3;
  auto const end = bytes.find("\r\n\r\n", search_from);
  auto const header = bytes.substr(0, end == bytes.npos ? bytes.npos : end + 4);
  if (header.size() > limits_.header_bytes) {
    bool const in_first_line = header.substr(0, limits_.header_bytes).find("\r\n") == header.npos;
    fail(Problem(in_first_line ? problems::uri_too_long : problems::headers_too_large));
    return skipped;
  }
  if (auto problem = check_bytes(header, scanned_ == 0 ? 0 : scanned_ - 1)) {
    fail(std::move(*problem));
    return skipped;
  }
  if (end == bytes.npos) {
    scanned_ = header.size();
    return skipped;
  }

  head_.assign(header);
  beast_ = std::make_unique<Beast>(request_, body_);
  beast::error_code fault;
  beast_->put(boost::asio::buffer(head_), fault);
  if (fault && fault != beast::http::error::need_more) {
    fail(translate(fault, max_body_));
  } else if (request_.target.size() > limits_.target_bytes) {
    fail(Problem(problems::uri_too_long));
  } else if (auto problem = check_framing()) {
    fail(std::move(*problem));
  }
  state_ = beast_->is_done() ? State::complete : State::header_read;
  return skipped + header.size();
}

std::size_t RequestParser::feed_body(std::string_view bytes) {
  if (is_stream_) body_.clear();
  std::size_t taken = 0;
  beast::error_code fault;
  while (taken < bytes.size() && !beast_->is_done()) {
    auto const rest = bytes.substr(taken);
    // Beast takes the last chunk's line alone, but asserts that what comes next time is longer by two.
    if (beast_->chunked() && rest.size() < std::string_view("0\r\n\r\n").size() && rest.starts_with("0\r\n")) break;
    auto const used = beast_->put(boost::asio::buffer(rest.data(), rest.size()), fault);
    taken += used;
    if (fault == beast::http::error::need_more || (!fault && used == 0)) break;
    if (fault) {
      fail(translate(fault, max_body_));
      return taken;
    }
  }
  if (beast_->is_done()) {
    state_ = State::complete;
    if (!is_stream_) request_.body = body_;
  } else if (bytes.size() - taken > limits_.header_bytes) {
    fail(Problem(problems::headers_too_large));  // a chunk's extensions or the trailer, which Beast wants whole
  }
  return taken;
}

/// RFC 9112 §3.2, §6.3: one reading only of where a request ends and whom it is for.
std::optional<Problem> RequestParser::check_framing() const {
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  bool chunked = false;
  for (auto const& [name, value] : request_.headers) {
    if (equal_ignoring_case(name, "Host")) ++hosts;
    if (equal_ignoring_case(name, "Content-Length"))
      lengths += value.find_first_not_of("0123456789") == value.npos ? 1 : 2;
    if (equal_ignoring_case(name, "Transfer-Encoding")) {
      ++encodings;
      chunked = equal_ignoring_case(value, "chunked");
    }
  }
  bool const http_1_1 = beast_->version() == 11;
  if (hosts > 1 || (hosts == 0 && http_1_1)) {
    return malformed("There must be exactly one Host.", "Deve haver exatamente um Host.");
  }
  if (encodings > 1 || (encodings == 1 && (!chunked || !http_1_1))) {
    return malformed("The only transfer encoding taken is chunked, with HTTP/1.1.",
                     "A única codificação de transferência aceita é chunked, com HTTP/1.1.");
  }
  if (lengths + encodings > 1) {
    return malformed("The length of the body is given more than once.", "O tamanho do corpo é dado mais de uma vez.");
  }
  bool const asterisk = request_.method == Method::options && request_.target == "*";
  if (!request_.target.starts_with('/') && !asterisk) {
    return malformed("The request target must be a path.", "O alvo da requisição deve ser um caminho.");
  }
  if (!json::is_utf8(request_.target)) {
    return malformed("The request target is not UTF-8.", "O alvo da requisição não é UTF-8.");
  }
  return std::nullopt;
}

bool RequestParser::takes_chunks() const { return beast_ && beast_->version() == 11; }

bool RequestParser::expects_continue() const {
  if (!beast_ || beast_->version() < 11) return false;  // HTTP/1.0 knows no such answer (RFC 9110 §10.1.1)
  auto const expectation = request_.header("Expect");
  return expectation && equal_ignoring_case(*expectation, "100-continue");
}

// Clients of HTTP/1.0 would have to be told in its own way that the connection stays; it just closes.
bool RequestParser::keep_alive() const { return beast_ && beast_->version() == 11 && beast_->keep_alive(); }

void RequestParser::next() {
  state_ = State::header;
  scanned_ = 0;
  is_stream_ = false;
  forget(head_);
  forget(body_);
  request_.reset();
  if (request_.headers.capacity() > kept_fields) request_.headers.shrink_to_fit();
  fault_.reset();
}

}  // namespace balcao::http

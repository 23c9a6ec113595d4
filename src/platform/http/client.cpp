#include "platform/http/client.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <mutex>
#include <unordered_map>

#include "platform/http/public_address.hpp"

namespace balcao::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using Executed = TransportError::Executed;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
using ResponseParser = beast::http::response_parser<beast::http::string_body>;

constexpr std::chrono::seconds max_idle{30};  ///< shorter than servers keep an idle connection

/// Where a base address leads.
struct Origin {
  bool tls = false;
  std::string host;
  std::string port;
  std::string authority;  ///< for the Host field
  std::string path;       ///< before every target
};

Origin parse_origin(std::string const& base_url) {
  auto const url = boost::urls::parse_uri(base_url);
  if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty() || url->has_query()) {
    throw std::invalid_argument("'" + base_url + "' is not an http or https address");
  }
  Origin origin;
  origin.tls = url->scheme() == "https";
  origin.host = url->host_address();
  origin.port = url->has_port() ? std::string(url->port()) : (origin.tls ? "443" : "80");
  origin.authority = std::string(url->encoded_host_and_port());
  origin.path = std::string(url->encoded_path());
  while (origin.path.ends_with('/')) origin.path.pop_back();
  return origin;
}

/// One connection, plain or encrypted.
class Link {
 public:
  Link(asio::any_io_executor executor, asio::ssl::context* tls)
      : resolver_(executor), socket_(executor), timer_(executor) {
    if (tls) encrypted_.emplace(socket_, *tls);
  }

  asio::any_io_executor executor() { return socket_.get_executor(); }

  /// Closes the connection, and with it ends whatever waits on it, at the time given.
  void close_at(std::chrono::steady_clock::time_point end) {
    end_ = end;
    timer_.expires_at(end);
    // A timer that has rung can no longer be cancelled, so this may be called after the link is gone.
    timer_.async_wait([weak = std::weak_ptr(alive_), this](boost::system::error_code const& cancelled) {
      if (cancelled || weak.expired() || std::chrono::steady_clock::now() < end_) return;
      boost::system::error_code ignored;
      resolver_.cancel();
      socket_.close(ignored);
    });
  }
  void keep_open() {
    end_ = std::chrono::steady_clock::time_point::max();
    timer_.cancel();
  }

  /// Whether nothing has come while it lay idle. An answer that nobody asked for, or the end, makes it useless.
  bool is_quiet() {
    char byte = 0;
    boost::system::error_code fault;
    socket_.non_blocking(true, fault);
    socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, fault);
    return fault == asio::error::would_block;
  }

  /// Connects to what the name leads to; `public_only`: to what of it is public, so that no name can lead inside.
  Task<> connect(Origin const& origin, bool public_only) {
    auto const [no_name, addresses] = co_await resolver_.async_resolve(origin.host, origin.port, awaiting);
    if (no_name) throw TransportError("cannot resolve " + origin.host + ": " + no_name.message(), Executed::no);
    if (std::chrono::steady_clock::now() >= end_) {  // the timer has rung, with nothing to close yet
      throw TransportError("cannot resolve " + origin.host + " in time", Executed::no);
    }
    std::vector<tcp::endpoint> ways(addresses.begin(), addresses.end());
    if (public_only) {
      std::erase_if(ways, [](tcp::endpoint const& way) { return !is_public_address(way.address().to_string()); });
      if (ways.empty()) throw TransportError(origin.host + " is not a public address", Executed::no);
    }
    auto const [no_way, address] = co_await asio::async_connect(socket_, ways, awaiting);
    if (no_way) throw TransportError("cannot connect to " + origin.authority + ": " + no_way.message(), Executed::no);
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    if (!encrypted_) co_return;

    SSL_set_tlsext_host_name(encrypted_->native_handle(), origin.host.c_str());
    encrypted_->set_verify_callback(asio::ssl::host_name_verification(origin.host));
    auto const [no_trust] = co_await encrypted_->async_handshake(asio::ssl::stream_base::client, awaiting);
    if (no_trust) throw TransportError("no TLS with " + origin.authority + ": " + no_trust.message(), Executed::no);
  }

  Task<boost::system::error_code> write(std::string bytes) {
    auto const [fault, count] = encrypted_ ? co_await asio::async_write(*encrypted_, asio::buffer(bytes), awaiting)
                                           : co_await asio::async_write(socket_, asio::buffer(bytes), awaiting);
    co_return fault;
  }

  /// Reads one response into the parser.
  Task<boost::system::error_code> read(ResponseParser& parser) {
    std::array<char, 16 * 1024> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): only what was read is used
    std::string pending;
    while (!parser.is_done()) {
      auto const [fault, count] = encrypted_ ? co_await encrypted_->async_read_some(asio::buffer(buffer), awaiting)
                                             : co_await socket_.async_read_some(asio::buffer(buffer), awaiting);
      pending.append(buffer.data(), count);
      boost::system::error_code refusal;
      if (fault == asio::error::eof && parser.got_some()) {
        parser.put_eof(refusal);  // a body may end with the connection
        co_return parser.is_done() ? refusal : fault;
      }
      if (fault) co_return fault;
      pending.erase(0, feed(parser, pending, refusal));
      if (refusal) co_return refusal;
    }
    clean_ = pending.empty();
    co_return boost::system::error_code{};
  }

  /// Whether the last answer ended where it should: nobody knows whose bytes would come next otherwise.
  bool is_clean() const { return clean_; }

  bool used = false;  ///< it has carried an exchange, so the server may have closed it since
  std::chrono::steady_clock::time_point idle_since;

 private:
  static std::size_t feed(ResponseParser& parser, std::string const& bytes, boost::system::error_code& fault) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !parser.is_done()) {
      taken += parser.put(asio::buffer(bytes.data() + taken, bytes.size() - taken), fault);
      if (fault == beast::http::error::need_more) {
        fault = {};
        break;
      }
      if (fault) break;
    }
    return taken;
  }

  tcp::resolver resolver_;
  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> encrypted_;
  std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::time_point::max();
  bool clean_ = true;
  std::shared_ptr<void> const alive_ = std::make_shared<int>();
  asio::steady_timer timer_;
};

/// A kept connection ended before the first byte of an answer: mostly the server closed it while it lay idle, but it
/// may also have acted and died.
class StaleLink : public TransportError {
 public:
  using TransportError::TransportError;
};

/// Whether sending it twice does no more than sending it once (RFC 9110 §9.2.2, draft-ietf-httpapi-idempotency-key).
bool is_repeatable(ClientRequest const& request) {
  bool const keyed = std::ranges::any_of(
      request.headers, [](auto const& field) { return equal_ignoring_case(field.first, "Idempotency-Key"); });
  return keyed || (request.method != Method::post && request.method != Method::patch);
}

std::string serialize(ClientRequest const& request, Origin const& origin) {
  std::string bytes(to_string(request.method));
  bytes += ' ' + origin.path + request.target + " HTTP/1.1\r\nHost: " + origin.authority + "\r\n";
  for (auto const& [name, value] : request.headers) bytes += name + ": " + value + "\r\n";
  bool const has_body = !request.body.empty() || request.method == Method::post || request.method == Method::put;
  if (has_body) bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return bytes + "\r\n" + request.body;
}

}  // namespace

std::optional<std::string_view> ClientResponse::header(std::string_view name) const {
  for (auto const& [field, value] : headers) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

std::optional<AddressParts> split_address(std::string_view text) {
  auto const url = boost::urls::parse_uri(text);
  if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty()) return std::nullopt;
  std::string target(url->encoded_target());
  if (!target.starts_with('/')) target.insert(0, "/");
  return AddressParts{std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port()),
                      url->host_address(), std::move(target)};
}

struct Client::State {
  explicit State(ClientOptions o) : options(std::move(o)), origin(parse_origin(options.base_url)) {
    if (!origin.tls) return;
    tls.emplace(asio::ssl::context::tls_client);
    tls->set_default_verify_paths();
    tls->set_verify_mode(asio::ssl::verify_peer);
  }

  ClientOptions const options;
  Origin const origin;
  std::optional<asio::ssl::context> tls;
  std::atomic<std::size_t> in_flight = 0;
  std::mutex mutex;
  std::unordered_map<asio::execution_context*, std::vector<std::unique_ptr<Link>>> idle;

  std::unique_ptr<Link> take_idle(asio::any_io_executor const& executor) {
    std::lock_guard const lock(mutex);
    auto& links = idle[&asio::query(executor, asio::execution::context)];
    auto const oldest = std::chrono::steady_clock::now() - max_idle;
    std::erase_if(links, [oldest](auto const& link) { return link->idle_since < oldest || !link->is_quiet(); });
    if (links.empty()) return nullptr;
    auto link = std::move(links.back());
    links.pop_back();
    return link;
  }

  void keep(asio::any_io_executor const& executor, std::unique_ptr<Link> link) {
    link->used = true;
    link->idle_since = std::chrono::steady_clock::now();
    link->keep_open();
    std::lock_guard const lock(mutex);
    auto& links = idle[&asio::query(executor, asio::execution::context)];
    if (links.size() < options.idle_connections) links.push_back(std::move(link));
  }

  Task<ClientResponse> exchange(std::unique_ptr<Link> link, ClientRequest const& request) {
    if (auto const fault = co_await link->write(serialize(request, origin))) {
      auto const what = "cannot send to " + origin.authority + ": " + fault.message();
      if (link->used) throw StaleLink(what, Executed::unknown);
      throw TransportError(what, Executed::unknown);
    }
    ResponseParser parser;
    parser.body_limit(options.response_bytes);
    parser.eager(true);
    if (request.method == Method::head) parser.skip(true);
    if (auto const fault = co_await link->read(parser)) {
      auto const what = "no answer from " + origin.authority + ": " + fault.message();
      if (link->used && !parser.got_some()) throw StaleLink(what, Executed::unknown);
      throw TransportError(what, Executed::unknown);
    }
    ClientResponse response{static_cast<int>(parser.get().result_int()), {}, {}};
    for (auto const& field : parser.get()) response.headers.emplace_back(field.name_string(), field.value());
    response.body = std::move(parser.get().body());
    if (parser.keep_alive() && link->is_clean()) keep(link->executor(), std::move(link));
    co_return response;
  }
};

Client::Client(ClientOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Client::~Client() = default;

Task<ClientResponse> Client::send(ClientRequest request) {
  struct Slot {
    std::atomic<std::size_t>& count;
    explicit Slot(std::atomic<std::size_t>& c) : count(c) { ++count; }
    ~Slot() { --count; }
  } const slot(state_->in_flight);
  if (slot.count > state_->options.in_flight) {
    throw overloaded("Too many requests to another service are under way.",
                     "Há requisições demais a outro serviço em andamento.");
  }

  auto const executor = co_await asio::this_coro::executor;
  bool sent_before = false;
  auto const end = std::chrono::steady_clock::now() + state_->options.deadline;
  while (auto link = state_->take_idle(executor)) {
    link->close_at(end);
    try {
      auto response = co_await state_->exchange(std::move(link), request);
      response.sent_before = sent_before;
      co_return response;
    } catch (StaleLink const&) {
      if (!is_repeatable(request)) throw;  // otherwise the next connection, or a new one, will do
      sent_before = true;
    }
  }
  auto link = std::make_unique<Link>(executor, state_->tls ? &*state_->tls : nullptr);
  link->close_at(end);
  try {
    co_await link->connect(state_->origin, state_->options.public_only);
  } catch (TransportError const& error) {
    if (sent_before) throw TransportError(error.what(), Executed::unknown);
    throw;
  }
  auto response = co_await state_->exchange(std::move(link), request);
  response.sent_before = sent_before;
  co_return response;
}

}  // namespace balcao::http

#include "platform/http/client.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <mutex>
#include <unordered_map>

namespace balcao::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using Executed = TransportError::Executed;
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
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

/// One connection, plain or encrypted. Its deadline is the stream's own timer, which closes it.
class Link {
 public:
  Link(asio::any_io_executor executor, asio::ssl::context* tls) {
    if (tls) {
      encrypted_.emplace(std::move(executor), *tls);
    } else {
      plain_.emplace(std::move(executor));
    }
  }

  beast::tcp_stream& tcp_layer() { return encrypted_ ? encrypted_->next_layer() : *plain_; }

  Task<> connect(Origin const& origin) {
    tcp::resolver resolver(tcp_layer().get_executor());
    auto const [no_name, addresses] = co_await resolver.async_resolve(origin.host, origin.port, awaiting);
    if (no_name) throw TransportError("cannot resolve " + origin.host + ": " + no_name.message(), Executed::no);
    auto const [no_way, address] = co_await tcp_layer().async_connect(addresses, awaiting);
    if (no_way) throw TransportError("cannot connect to " + origin.authority + ": " + no_way.message(), Executed::no);
    beast::error_code ignored;
    tcp_layer().socket().set_option(tcp::no_delay(true), ignored);
    if (!encrypted_) co_return;

    SSL_set_tlsext_host_name(encrypted_->native_handle(), origin.host.c_str());
    encrypted_->set_verify_callback(asio::ssl::host_name_verification(origin.host));
    auto const [no_trust] = co_await encrypted_->async_handshake(asio::ssl::stream_base::client, awaiting);
    if (no_trust) throw TransportError("no TLS with " + origin.authority + ": " + no_trust.message(), Executed::no);
  }

  template <class Message>
  Task<beast::error_code> write(Message& message) {
    auto const [fault, count] = encrypted_ ? co_await beast::http::async_write(*encrypted_, message, awaiting)
                                           : co_await beast::http::async_write(*plain_, message, awaiting);
    co_return fault;
  }

  template <class Parser>
  Task<beast::error_code> read(Parser& parser) {
    auto const [fault, count] = encrypted_ ? co_await beast::http::async_read(*encrypted_, buffer_, parser, awaiting)
                                           : co_await beast::http::async_read(*plain_, buffer_, parser, awaiting);
    co_return fault;
  }

  bool used = false;  ///< it has carried an exchange, so the server may have closed it since
  std::chrono::steady_clock::time_point idle_since;

 private:
  std::optional<beast::tcp_stream> plain_;
  std::optional<beast::ssl_stream<beast::tcp_stream>> encrypted_;
  beast::flat_buffer buffer_;
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

beast::http::verb to_verb(Method method) { return beast::http::string_to_verb(to_string(method)); }

}  // namespace

std::optional<std::string_view> ClientResponse::header(std::string_view name) const {
  for (auto const& [field, value] : headers) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
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
    std::erase_if(links, [oldest](auto const& link) { return link->idle_since < oldest; });
    if (links.empty()) return nullptr;
    auto link = std::move(links.back());
    links.pop_back();
    return link;
  }

  void keep(asio::any_io_executor const& executor, std::unique_ptr<Link> link) {
    link->used = true;
    link->idle_since = std::chrono::steady_clock::now();
    link->tcp_layer().expires_never();
    std::lock_guard const lock(mutex);
    auto& links = idle[&asio::query(executor, asio::execution::context)];
    if (links.size() < options.idle_connections) links.push_back(std::move(link));
  }

  Task<ClientResponse> exchange(std::unique_ptr<Link> link, ClientRequest const& request) {
    beast::http::request<beast::http::string_body> message{to_verb(request.method), origin.path + request.target, 11};
    message.set(beast::http::field::host, origin.authority);
    for (auto const& [name, value] : request.headers) message.set(name, value);
    message.body() = request.body;
    message.prepare_payload();

    if (auto const fault = co_await link->write(message)) {
      throw TransportError("cannot send to " + origin.authority + ": " + fault.message(), Executed::unknown);
    }
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(options.response_bytes);
    if (auto const fault = co_await link->read(parser)) {
      auto const what = "no answer from " + origin.authority + ": " + fault.message();
      if (link->used && !parser.got_some()) throw StaleLink(what, Executed::unknown);
      throw TransportError(what, Executed::unknown);
    }
    ClientResponse response{static_cast<int>(parser.get().result_int()), {}, {}};
    for (auto const& field : parser.get()) response.headers.emplace_back(field.name_string(), field.value());
    response.body = std::move(parser.get().body());
    if (parser.keep_alive()) keep(link->tcp_layer().get_executor(), std::move(link));
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
  auto const end = std::chrono::steady_clock::now() + state_->options.deadline;
  while (auto link = state_->take_idle(executor)) {
    link->tcp_layer().expires_at(end);
    try {
      co_return co_await state_->exchange(std::move(link), request);
    } catch (StaleLink const&) {
      if (!is_repeatable(request)) throw;  // otherwise the next connection, or a new one, will do
    }
  }
  auto link = std::make_unique<Link>(executor, state_->tls ? &*state_->tls : nullptr);
  link->tcp_layer().expires_at(end);
  co_await link->connect(state_->origin);
  co_return co_await state_->exchange(std::move(link), request);
}

}  // namespace balcao::http

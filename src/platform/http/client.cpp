#include "platform/http/client.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/this_coro.hpp>
#include <mutex>
#include <unordered_map>

#include "platform/http/client_connection.hpp"

namespace balcao::http {
namespace {

namespace asio = boost::asio;
using Executed = TransportError::Executed;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds max_idle{30};  ///< shorter than servers keep an idle connection

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

struct Client::State {
  using Connection = std::shared_ptr<ClientConnection>;

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
  std::unordered_map<asio::execution_context*, std::vector<Connection>> idle;  ///< of each loop

  Connection take_idle(asio::any_io_executor const& executor) {
    std::lock_guard const lock(mutex);
    auto& connections = idle[&asio::query(executor, asio::execution::context)];
    auto const oldest = std::chrono::steady_clock::now() - max_idle;
    std::erase_if(connections, [oldest](auto const& one) { return one->idle_since() < oldest || !one->is_quiet(); });
    if (connections.empty()) return nullptr;
    auto connection = std::move(connections.back());
    connections.pop_back();
    return connection;
  }

  void keep(Connection connection) {
    connection->rest();
    auto const executor = connection->executor();
    std::lock_guard const lock(mutex);
    auto& connections = idle[&asio::query(executor, asio::execution::context)];
    if (connections.size() < options.idle_connections) connections.push_back(std::move(connection));
  }

  Task<ClientResponse> exchange(Connection connection, ClientRequest const& request) {
    ResponseReader reader(request.method, {.body_bytes = options.response_bytes});
    co_await connection->exchange(serialize(request, origin), reader);
    if (connection->can_reuse()) keep(std::move(connection));
    co_return reader.take();
  }

  /// On a kept connection. Nothing where there is none, and where it ended so that the request may be sent once more:
  /// then it is `sent`.
  Task<std::optional<ClientResponse>> exchange_on_kept(ClientRequest const& request, SteadyTime end, bool& sent) {
    auto connection = take_idle(co_await asio::this_coro::executor);
    if (!connection) co_return std::nullopt;
    connection->close_at(end);
    try {
      co_return co_await exchange(std::move(connection), request);
    } catch (StaleConnection const&) {
      if (!is_repeatable(request) || std::chrono::steady_clock::now() >= end) throw;
      sent = true;
      co_return std::nullopt;
    }
  }

  Task<ClientResponse> exchange_on_new(ClientRequest const& request, SteadyTime end) {
    auto connection =
        std::make_shared<ClientConnection>(co_await asio::this_coro::executor, origin, tls ? &*tls : nullptr);
    connection->close_at(end);
    co_await connection->connect(*options.resolver, options.public_only);
    co_return co_await exchange(std::move(connection), request);
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

  auto const end = std::chrono::steady_clock::now() + state_->options.deadline;
  bool sent_before = false;
  if (auto response = co_await state_->exchange_on_kept(request, end, sent_before)) co_return std::move(*response);
  try {
    auto response = co_await state_->exchange_on_new(request, end);
    response.sent_before = sent_before;
    co_return response;
  } catch (TransportError const& error) {
    if (sent_before) throw TransportError(error.what(), Executed::unknown);
    throw;
  }
}

}  // namespace balcao::http

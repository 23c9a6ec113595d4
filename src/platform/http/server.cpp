#include "platform/http/server.hpp"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <unordered_map>

#include "platform/http/client_network.hpp"
#include "platform/http/connection.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
constexpr int backlog = 4096;
constexpr std::size_t all_spools = 64 * 1024 * 1024;  ///< on disk, in bytes
constexpr std::size_t spools_of_a_client = all_spools / 2;

tcp::endpoint resolve(std::string const& host, std::uint16_t port) {
  boost::system::error_code fault;
  auto const address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, fault);
  if (fault) throw CannotListen("'" + host + "' is not an IP address");
  return {address, port};
}

[[noreturn]] void explain(tcp::endpoint const& endpoint, boost::system::error_code const& fault) {
  auto const where = endpoint.address().to_string() + " port " + std::to_string(endpoint.port());
  if (fault == asio::error::address_in_use) {
    throw CannotListen(where + " is in use by another program; stop it or choose another PORT");
  }
  throw CannotListen("cannot listen on " + where + ": " + fault.message());
}

tcp::acceptor listen(asio::io_context& loop, tcp::endpoint const& endpoint) {
  boost::system::error_code fault;
  tcp::acceptor acceptor(loop);
  acceptor.open(endpoint.protocol(), fault);
  if (!fault) acceptor.set_option(asio::socket_base::reuse_address(true), fault);
  if (!fault) acceptor.set_option(ReusePort(true), fault);
  if (!fault) acceptor.bind(endpoint, fault);
  if (!fault) acceptor.listen(backlog, fault);
  if (!fault) acceptor.non_blocking(true, fault);
  if (fault) explain(endpoint, fault);
  return acceptor;
}

/// Counts a coroutine while it runs.
class Counted {
 public:
  explicit Counted(std::atomic<std::size_t>& count) : count_(count) { ++count_; }
  Counted(Counted const&) = delete;
  ~Counted() { --count_; }

 private:
  std::atomic<std::size_t>& count_;
};

/// What one event loop listens on and serves. Touched on its own loop only.
struct Lane {
  Lane(asio::io_context& context, tcp::acceptor listener)
      : loop(context), acceptor(std::move(listener)), sweep(context) {}

  asio::io_context& loop;
  tcp::acceptor acceptor;
  asio::steady_timer sweep;
  std::list<std::shared_ptr<Connection>> connections;
  std::unordered_map<std::string, std::size_t> per_network;  ///< see client_network; of those that are limited
};

}  // namespace

struct Server::State : std::enable_shared_from_this<State> {
  State(Limits l, MemoryBudget& m) : limits(std::move(l)), memory(m) {}

  Limits limits;
  Handler* handler = nullptr;  ///< before `start` nothing is accepted that could need it
  tcp::endpoint endpoint;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::atomic<bool> draining = false;
  std::atomic<bool> finished = false;
  std::atomic<std::size_t> open_connections = 0;
  std::atomic<std::size_t> tasks = 0;           ///< of accepting and sweeping
  std::atomic<std::size_t> draining_lanes = 0;  ///< that have not stopped accepting yet
  MemoryBudget& memory;
  Workers spooling{1, 1024};  ///< a stream waits for its own job, so no more are queued than streams go on
  MemoryBudget spool_space{all_spools, spools_of_a_client};

  void admit(Lane& lane, tcp::socket socket);
  Task<> accept(std::shared_ptr<State> self, Lane& lane);
  Task<> sweep(std::shared_ptr<State> self, Lane& lane);
  void stop_accepting(Lane& lane);
};

namespace {

Task<> serve(std::shared_ptr<void> keep_alive, Lane& lane, std::list<std::shared_ptr<Connection>>::iterator position,
             std::string network, std::atomic<std::size_t>& open_connections) {
  auto const connection = *position;
  co_await connection->run();
  auto const count = lane.per_network.find(network);
  if (count != lane.per_network.end() && --count->second == 0) lane.per_network.erase(count);
  lane.connections.erase(position);
  --open_connections;
}

}  // namespace

void Server::State::admit(Lane& lane, tcp::socket socket) {
  boost::system::error_code fault;
  auto peer = socket.remote_endpoint(fault).address();
  if (fault) return;
  // A socket for both families names IPv4 clients ::ffff:1.2.3.4; they are to be known by their own address.
  if (peer.is_v6() && peer.to_v6().is_v4_mapped()) {
    peer = asio::ip::make_address_v4(asio::ip::v4_mapped, peer.to_v6());
  }
  auto const name = peer.to_string();
  // Empty: not limited.
  auto network = limits.trusted_proxies.contains(name) ? std::string() : client_network(name);
  auto const from_there = lane.per_network.find(network);
  bool const too_many = lane.connections.size() >= limits.connections ||
                        (from_there != lane.per_network.end() && from_there->second >= limits.connections_per_address);
  if (too_many) {
    static constexpr std::string_view busy =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    socket.non_blocking(true, fault);
    socket.write_some(asio::buffer(busy), fault);
    return;
  }
  if (!network.empty()) ++lane.per_network[network];
  ++open_connections;
  lane.connections.push_front(std::make_shared<Connection>(
      std::move(socket), name, Connection::Dependencies{limits, *handler, draining, memory, spooling, spool_space}));
  balcao::start(lane.loop,
                serve(shared_from_this(), lane, lane.connections.begin(), std::move(network), open_connections));
}

Task<> Server::State::accept(std::shared_ptr<State>, Lane& lane) {
  Counted const counted(tasks);
  while (lane.acceptor.is_open()) {
    auto [fault, socket] = co_await lane.acceptor.async_accept(awaiting);
    if (!fault) {
      admit(lane, std::move(socket));
    } else if (fault == asio::error::operation_aborted || !lane.acceptor.is_open()) {
      co_return;
    } else if (fault != asio::error::connection_aborted) {
      log::warn("cannot accept a connection", {{"error", fault.message()}});
      co_await pause(std::chrono::milliseconds(100));  // out of descriptors, most likely: let some close
    }
  }
}

Task<> Server::State::sweep(std::shared_ptr<State>, Lane& lane) {
  Counted const counted(tasks);
  while (!finished) {
    lane.sweep.expires_after(std::chrono::milliseconds(500));
    co_await lane.sweep.async_wait(awaiting);
    auto const now = std::chrono::steady_clock::now();
    for (auto const& connection : lane.connections) {
      connection->check_deadline(now);
      if (draining) connection->close_if_idle(now);
    }
  }
}

/// Takes the connections that the kernel has already made, then closes: they would be reset otherwise.
void Server::State::stop_accepting(Lane& lane) {
  boost::system::error_code fault;
  for (int taken = 0; lane.acceptor.is_open() && taken < backlog; ++taken) {  // others may come as fast as these go
    tcp::socket socket(lane.loop);
    lane.acceptor.accept(socket, fault);
    if (fault) break;
    admit(lane, std::move(socket));
  }
  lane.acceptor.close(fault);
}

bool is_listen_address(std::string const& host) {
  boost::system::error_code fault;
  asio::ip::make_address(host, fault);
  return !fault || host == "localhost";
}

/// SO_REUSEPORT would share a port with another program of the same user without a word, so it is first tried without.
void require_free(std::string const& host, std::uint16_t port) {
  auto const endpoint = resolve(host, port);
  asio::io_context loop;
  boost::system::error_code fault;
  tcp::acceptor probe(loop);
  probe.open(endpoint.protocol(), fault);
  if (!fault) probe.set_option(asio::socket_base::reuse_address(true), fault);
  if (!fault) probe.bind(endpoint, fault);  // Linux refuses it where another listens, even if both reuse the address
  if (fault) explain(endpoint, fault);
}

Server::Server(Loops& loops, std::string const& host, std::uint16_t port, Limits limits, MemoryBudget& memory)
    : state_(std::make_shared<State>(std::move(limits), memory)) {
  auto endpoint = resolve(host, port);
  if (port != 0) require_free(host, port);
  for (std::size_t i = 0; i < loops.size(); ++i) {
    state_->lanes.push_back(std::make_unique<Lane>(loops[i], listen(loops[i], endpoint)));
    endpoint = state_->lanes.front()->acceptor.local_endpoint();  // with port 0 the first loop's choice is everyone's
  }
  state_->endpoint = endpoint;
}

Server::~Server() = default;

std::uint16_t Server::port() const { return state_->endpoint.port(); }

std::string Server::address() const {
  auto const ip = state_->endpoint.address();
  auto const host = ip.is_v6() ? '[' + ip.to_string() + ']' : ip.to_string();
  return "http://" + host + ':' + std::to_string(port());
}

void Server::start(Handler& handler) {
  state_->handler = &handler;
  for (auto const& lane : state_->lanes) {
    balcao::start(lane->loop, state_->accept(state_, *lane));
    balcao::start(lane->loop, state_->sweep(state_, *lane));
  }
}

Task<std::size_t> Server::drain(std::chrono::milliseconds patience) {
  auto const state = state_;
  state->draining = true;
  state->draining_lanes = state->lanes.size();
  for (auto const& lane : state->lanes) {
    asio::post(lane->loop, [state, &lane = *lane] {
      state->stop_accepting(lane);
      --state->draining_lanes;  // only now does `open_connections` count all
      auto const now = std::chrono::steady_clock::now();
      for (auto const& connection : lane.connections) connection->close_if_idle(now);
    });
  }
  auto const end = std::chrono::steady_clock::now() + patience;
  while ((state->draining_lanes > 0 || state->open_connections > 0) && std::chrono::steady_clock::now() < end) {
    co_await pause(std::chrono::milliseconds(5));
  }
  std::size_t const left = state->open_connections;
  state->finished = true;
  for (auto const& lane : state->lanes) {
    asio::post(lane->loop, [state, &lane = *lane] {
      for (auto const& connection : lane.connections) connection->cut_off();
      lane.sweep.cancel();
    });
  }
  // The coroutines must be gone before the loops are: they hold sockets and timers of theirs.
  auto const end_of_cutting = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while ((state->tasks > 0 || state->open_connections > 0) && std::chrono::steady_clock::now() < end_of_cutting) {
    co_await pause(std::chrono::milliseconds(1));
  }
  co_return left;
}

}  // namespace balcao::http

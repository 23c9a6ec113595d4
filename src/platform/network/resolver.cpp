#include "platform/network/resolver.hpp"

#include <netdb.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <variant>

namespace balcao::network {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

namespace {

constexpr std::chrono::seconds idle_after{10};
constexpr std::size_t max_name = 253;

using Outcome = std::variant<Addresses, ResolveError>;

/// Who waits for a look-up. Its coroutine owns it alone: a thread must not keep a timer longer than its loop lives.
struct Waiter {
  explicit Waiter(asio::any_io_executor const& executor) : timer(executor) {}
  asio::steady_timer timer;  ///< touched by its own loop only
  std::optional<Outcome> outcome;
};

struct LookUp {
  std::string name;
  bool is_known;
  bool is_running = false;
  std::vector<std::weak_ptr<Waiter>> waiters;
};

Outcome run(std::function<Addresses(std::string const&)> const& look_up, std::string const& name) {
  try {
    auto addresses = look_up(name);
    if (addresses.empty()) return ResolveError("it has no address", true);
    return addresses;
  } catch (ResolveError const& error) {
    return error;
  } catch (std::exception const& error) {
    return ResolveError(error.what());
  }
}

}  // namespace

Addresses system_look_up(std::string const& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  int const fault = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (fault != 0) {
    throw ResolveError(::gai_strerror(fault), fault == EAI_NONAME || fault == EAI_NODATA || fault == EAI_ADDRFAMILY);
  }
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const list(found, &::freeaddrinfo);
  Addresses addresses;
  for (auto const* entry = found; entry != nullptr; entry = entry->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<char const*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    endpoint.resize(entry->ai_addrlen);
    addresses.push_back(endpoint.address());
  }
  return addresses;
}

struct Resolver::State : std::enable_shared_from_this<State> {
  struct LastGood {
    Addresses addresses;
    SteadyTime found_at;
  };

  explicit State(ResolverOptions o) : options(std::move(o)) {}

  ResolverOptions const options;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<LookUp>> queue;
  std::unordered_map<std::string, std::shared_ptr<LookUp>> under_way;  ///< queued and running
  std::unordered_map<std::string, LastGood> last_good;
  std::size_t threads = 0;
  std::size_t idle = 0;
  std::size_t running_unknown = 0;
  bool stopping = false;

  /// Joins the look-up of the name, or starts one. Nothing where too many names wait.
  std::shared_ptr<LookUp> join(std::string const& name, std::shared_ptr<Waiter> const& waiter) {
    std::lock_guard const lock(mutex);
    auto& entry = under_way[name];
    if (!entry) {
      if (queue.size() >= options.queue || !has_thread_for_one_more()) {
        under_way.erase(name);
        return nullptr;
      }
      entry = std::make_shared<LookUp>(name, last_good.contains(name));
      queue.push_back(entry);
      changed.notify_one();
    }
    entry->waiters.emplace_back(waiter);
    return entry;
  }

  /// A look-up that nobody waits for any more is not begun.
  void leave(std::shared_ptr<LookUp> const& look_up, std::shared_ptr<Waiter> const& waiter) {
    std::lock_guard const lock(mutex);
    std::erase_if(look_up->waiters, [&](auto const& one) { return one.lock() == waiter; });
    if (look_up->is_running || !look_up->waiters.empty()) return;
    if (std::erase(queue, look_up) > 0) under_way.erase(look_up->name);
  }

  std::optional<Outcome> outcome_of(Waiter const& waiter) {
    std::lock_guard const lock(mutex);
    return waiter.outcome;
  }

  std::optional<Addresses> find_last_good(std::string const& name) {
    std::lock_guard const lock(mutex);
    auto const found = last_good.find(name);
    if (found == last_good.end()) return std::nullopt;
    if (found->second.found_at + options.max_age < std::chrono::steady_clock::now()) {
      last_good.erase(found);
      return std::nullopt;
    }
    return found->second.addresses;
  }

  void work() {
    pthread_setname_np(pthread_self(), "balcao-resolver");
    std::unique_lock lock(mutex);
    while (true) {
      if (auto const look_up = next()) {
        look_up->is_running = true;
        running_unknown += look_up->is_known ? 0 : 1;
        lock.unlock();
        auto outcome = run(options.look_up, look_up->name);
        lock.lock();
        running_unknown -= look_up->is_known ? 0 : 1;
        finish(*look_up, std::move(outcome));
        continue;
      }
      if (stopping) break;
      ++idle;
      bool const in_use = changed.wait_for(lock, idle_after, [this] { return stopping || has_next(); });
      --idle;
      if (!in_use) break;
    }
    --threads;
  }

 private:
  bool may_run(LookUp const& look_up) const {
    auto const for_unknown = options.threads - options.threads / 4;
    return look_up.is_known || running_unknown < for_unknown;
  }
  bool has_next() const {
    return std::ranges::any_of(queue, [this](auto const& look_up) { return may_run(*look_up); });
  }
  std::shared_ptr<LookUp> next() {
    auto const found = std::ranges::find_if(queue, [this](auto const& look_up) { return may_run(*look_up); });
    if (found == queue.end()) return nullptr;
    auto look_up = std::move(*found);
    queue.erase(found);
    return look_up;
  }

  /// Whether there is a thread that will come to it; starts one where all are busy and there may be more.
  bool has_thread_for_one_more() {
    if (queue.size() < idle || threads >= options.threads) return true;
    try {
      std::thread([self = shared_from_this()] { self->work(); }).detach();
      ++threads;
    } catch (std::system_error const&) {  // the system has none left
    }
    return threads > 0;
  }

  void finish(LookUp const& look_up, Outcome outcome) {
    under_way.erase(look_up.name);
    if (auto const* addresses = std::get_if<Addresses>(&outcome)) {
      remember(look_up.name, *addresses);
    } else if (std::get<ResolveError>(outcome).no_such_name()) {
      last_good.erase(look_up.name);
    }
    for (auto const& waiting : look_up.waiters) {
      // Who still waits is in the list, and leaves it before its loop ends: so here the loop is alive.
      auto* const waiter = waiting.lock().get();
      if (waiter == nullptr) continue;
      waiter->outcome = outcome;
      asio::post(waiter->timer.get_executor(), [waiting] {
        if (auto const living = waiting.lock()) living->timer.cancel();
      });
    }
  }

  void remember(std::string const& name, Addresses const& addresses) {
    if (options.kept_names == 0) return;
    if (!last_good.contains(name) && last_good.size() >= options.kept_names) {
      last_good.erase(std::ranges::min_element(last_good, {}, [](auto const& entry) { return entry.second.found_at; }));
    }
    last_good[name] = {addresses, std::chrono::steady_clock::now()};
  }
};

Resolver::Resolver(ResolverOptions options) : state_(std::make_shared<State>(std::move(options))) {}

Resolver::~Resolver() {
  {
    std::lock_guard const lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
}

Task<Addresses> Resolver::resolve(std::string name, SteadyTime deadline) {
  boost::system::error_code is_name;
  auto const literal = asio::ip::make_address(name, is_name);
  if (!is_name) co_return Addresses{literal};
  if (name.empty() || name.size() > max_name || name.contains('\0')) throw ResolveError("it is no name", true);

  auto const state = state_;  // may be needed longer than the resolver lives
  auto last_good = state->find_last_good(name);
  if (last_good) {  // leaves time to connect to them
    auto const now = std::chrono::steady_clock::now();
    deadline = now + std::min<SteadyTime::duration>(state->options.patience, (deadline - now) / 2);
  }
  auto const waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
  auto const look_up = state->join(name, waiter);
  if (!look_up) {
    if (last_good) co_return std::move(*last_good);
    throw ResolveError("too many names are being looked up");
  }
  struct Leave {
    State& state;
    std::shared_ptr<LookUp> const& look_up;
    std::shared_ptr<Waiter> const& waiter;
    ~Leave() { state.leave(look_up, waiter); }
  } const leave{*state, look_up, waiter};

  waiter->timer.expires_at(deadline);
  std::optional<Outcome> outcome;
  while (!(outcome = state->outcome_of(*waiter)) && std::chrono::steady_clock::now() < deadline) {
    co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (outcome) {
    if (auto* const addresses = std::get_if<Addresses>(&*outcome)) co_return std::move(*addresses);
    if (std::get<ResolveError>(*outcome).no_such_name() || !last_good) throw std::get<ResolveError>(*outcome);
  }
  if (!last_good) throw ResolveError("it was not resolved in time");
  co_return std::move(*last_good);
}

Resolver& resolver_for(Purpose purpose) {
  constexpr std::size_t webhook_threads = 16;
  constexpr std::size_t webhook_queue = 256;
  constexpr std::size_t webhook_names = 1024;
  // One that ends leaves blocked threads behind, with the state that they need.
  static std::array<Resolver, 5> all{Resolver({}), Resolver({}), Resolver({}), Resolver({}),
                                     Resolver({.threads = webhook_threads,
                                               .queue = webhook_queue,
                                               .kept_names = webhook_names,
                                               .max_age = std::chrono::hours(1)})};
  return all.at(static_cast<std::size_t>(purpose));
}

}  // namespace balcao::network

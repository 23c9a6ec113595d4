#include "platform/db/postgres/lanes.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "platform/db/postgres/settling.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::db::postgres {

namespace asio = boost::asio;

namespace {

/// A restart of the server may pass unseen; what lasts longer is answered at once, and so costs nothing.
constexpr std::chrono::milliseconds longest_wait_for_connection{1000};

constexpr Statement greet{"greeting",
                          "SELECT set_config('statement_timeout', $1, false), "
                          "set_config('idle_in_transaction_session_timeout', $2, false)"};

}  // namespace

std::unique_ptr<Unit> greeting(Options const& options) {
  auto unit = std::make_unique<Unit>();
  unit->calls.push_back(
      call(greet, std::to_string(options.statement_timeout.count()), std::to_string(2 * options.deadline.count())));
  unit->deadline = std::chrono::steady_clock::now() + options.deadline;
  return unit;
}

Lanes::Lanes(asio::io_context& loop, std::shared_ptr<Settings const> settings)
    : loop_(loop),
      settings_(std::move(settings)),
      connections_(std::max<std::size_t>(settings_->options.connections_per_loop, 1)),
      watch_(loop, [this] { sweep(); }) {}

void Lanes::start() {
  for (std::size_t lane = 0; lane < connections_.size(); ++lane) {
    asio::co_spawn(loop_, keep(shared_from_this(), lane), asio::detached);
  }
}

Task<> Lanes::keep(std::shared_ptr<Lanes> self, std::size_t lane) {
  // Where the loop itself goes away, so does what waits: it may hold these lanes in its turn.
  struct Ending {
    Lanes& lanes;
    ~Ending() {
      lanes.reads_.clear();
      lanes.writes_.clear();
    }
  } const ending{*self};

  Options const& options = self->settings_->options;
  auto& connection = self->connections_[lane];
  auto backoff = make_backoff();
  while (!self->closing_) {
    if (!self->is_connected() && !self->disconnected_since_) {
      self->disconnected_since_ = std::chrono::steady_clock::now();
      self->watch();
    }
    try {
      auto handle = co_await connect(self->settings_->address, options.connect_timeout);
      if (self->closing_) break;
      connection = std::make_shared<Connection>(self->loop_, std::move(handle), options.statement_timeout);
    } catch (std::exception const& fault) {
      self->reachability_.failed(fault.what());
    }
    if (connection) {
      connection->send(greeting(options));
      co_await Connection::serve(connection, *self);
      auto const lost = std::exchange(connection, nullptr);
      if (!self->closing_) self->reachability_.lost(*lost, backoff);
      self->send_again_after_loss(*lost);
    }
    if (!self->closing_) co_await pause(backoff.next());
  }
}

Task<std::vector<Rows>> Lanes::perform(std::vector<Call> calls, Effect effect) {
  Unit unit;
  unit.calls = std::move(calls);
  unit.effect = effect;
  unit.deadline = std::chrono::steady_clock::now() + settings_->options.deadline;
  unit.repeats_left = connections_.size();
  return outcome_of(std::move(unit), [this](std::unique_ptr<Unit> owned) { submit(std::move(owned)); });
}

void Lanes::submit(std::unique_ptr<Unit> unit) {
  if (is_full()) send_waiting();  // what could be sent in this turn of the loop does not wait
  if (auto const reason = refusal()) return fail(loop_, std::move(unit), *reason);
  watch_.by(unit->deadline);
  (unit->effect == Effect::none ? reads_ : writes_).push_back(std::move(unit));
  send_soon();
  if (disconnected_since_) watch();
}

bool Lanes::is_full() const { return reads_.size() + writes_.size() >= settings_->options.queue_limit; }

std::optional<std::exception_ptr> Lanes::refusal() const {
  if (closing_ || is_down(std::chrono::steady_clock::now())) return not_connected();
  if (is_full()) return too_much_waits();
  return std::nullopt;
}

void Lanes::send_again_after_loss(Connection& lost) {
  std::vector<std::unique_ptr<Unit>> again;
  for (auto& answer : lost.give_up()) {
    if (auto unit = settle_lost(loop_, std::move(answer))) again.push_back(std::move(unit));
  }
  send_again(std::move(again));
}

/// In their order, before what has waited for less long.
void Lanes::send_again(std::vector<std::unique_ptr<Unit>> units) {
  if (units.empty()) return;
  auto const now = std::chrono::steady_clock::now();
  for (auto unit = units.rbegin(); unit != units.rend(); ++unit) {
    if (closing_ || (*unit)->deadline <= now) {
      fail(loop_, std::move(*unit), closing_ ? not_connected() : too_much_waits());
    } else {
      ((*unit)->effect == Effect::none ? reads_ : writes_).push_front(std::move(*unit));
    }
  }
  send_waiting();
}

/// All that this turn of the loop brings goes together.
void Lanes::send_soon() {
  if (std::exchange(will_send_, true)) return;
  asio::post(loop_, [self = shared_from_this()] {
    self->will_send_ = false;
    self->send_waiting();
  });
}

/// The first connection is left to those who read: they need not wait for a commit.
void Lanes::send_waiting() {
  send(reads_, 0);
  send(writes_, connections_.size() > 1 ? 1 : 0);
  watch();
}

void Lanes::send(std::deque<std::unique_ptr<Unit>>& queue, std::size_t first_lane) {
  while (!queue.empty()) {
    Connection* const connection = free_connection(first_lane);
    if (connection == nullptr) break;
    connection->send(next_group(queue));
  }
}

Group Lanes::next_group(std::deque<std::unique_ptr<Unit>>& queue) const {
  Group group;
  do {
    group.push_back(std::move(queue.front()));
    queue.pop_front();
  } while (!queue.empty() && group.size() < settings_->options.in_flight_limit && !group.front()->is_alone &&
           !queue.front()->is_alone);
  return group;
}

void Lanes::answered(Connection& connection, std::vector<Pipeline::Answer> answers) {
  if (connection.first_answer()) {
    disconnected_since_.reset();
    reachability_.answered();
  }
  std::vector<std::unique_ptr<Unit>> again;
  for (auto& answer : answers) {
    if (answer.error && answer.error->is_read_only()) connection.abandon();  // a new one looks for the primary
    if (auto unit = settle(loop_, std::move(answer))) again.push_back(std::move(unit));
  }
  send_again(std::move(again));
  send_waiting();
}

/// One group at a time: what comes meanwhile makes the next one, which is cheaper the more it holds.
Connection* Lanes::free_connection(std::size_t first_lane) const {
  for (std::size_t lane = first_lane; lane < connections_.size(); ++lane) {
    auto const& each = connections_[lane];
    if (each && each->is_usable() && each->in_flight() == 0) return each.get();
  }
  return nullptr;
}

bool Lanes::is_connected() const {
  return std::ranges::any_of(
      connections_, [](auto const& each) { return each && each->is_usable() && each->first_answer().has_value(); });
}

bool Lanes::is_down(Deadline now) const {
  return disconnected_since_ && now - *disconnected_since_ >= longest_wait_for_connection;
}

void Lanes::sweep() {
  auto const now = std::chrono::steady_clock::now();
  if (is_down(now)) refuse_waiting();
  for (auto* const queue : {&reads_, &writes_}) {
    while (!queue->empty() && queue->front()->deadline <= now) {
      fail(loop_, std::move(queue->front()), too_much_waits());
      queue->pop_front();
    }
  }
  for (auto const& connection : connections_) {
    if (connection && connection->is_usable() && connection->cut_off() <= now) {
      log::warn("database_connection_in_doubt", {{"in_flight", connection->in_flight()}});
      connection->abandon();
    }
  }
  watch();
}

void Lanes::watch() {
  for (auto const* const queue : {&reads_, &writes_}) {
    if (queue->empty()) continue;
    watch_.by(queue->front()->deadline);
    if (disconnected_since_) watch_.by(*disconnected_since_ + longest_wait_for_connection);
  }
  for (auto const& connection : connections_) {
    if (connection && connection->is_usable()) watch_.by(connection->cut_off());
  }
}

void Lanes::refuse_waiting() {
  for (auto* const queue : {&reads_, &writes_}) {
    for (auto& unit : std::exchange(*queue, {})) fail(loop_, std::move(unit), not_connected());
  }
}

void Lanes::close() {
  closing_ = true;
  refuse_waiting();
  for (auto const& connection : connections_) {
    if (connection) connection->abandon();
  }
}

}  // namespace balcao::db::postgres

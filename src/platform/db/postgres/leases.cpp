#include "platform/db/postgres/leases.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "platform/db/postgres/settling.hpp"

namespace balcao::db::postgres {

namespace asio = boost::asio;

namespace {

constexpr Statement rollback{"rollback", "ROLLBACK"};

}  // namespace

Leases::Leases(asio::io_context& loop, std::shared_ptr<Settings const> settings)
    : loop_(loop), settings_(std::move(settings)), watch_(loop, [this] { sweep(); }) {}

Task<std::shared_ptr<Connection>> Leases::borrow(Deadline until) {
  if (closing_) std::rethrow_exception(not_connected());
  if (waiting_.empty()) {
    if (Lease* const lease = find_free()) co_return lend(*lease, until);
  }
  if (waiting_.size() >= settings_->options.queue_limit) std::rethrow_exception(too_much_waits());
  std::shared_ptr<Connection> lent;
  Unit turn;
  turn.deadline = until;
  co_await outcome_of(std::move(turn), [this, &lent](std::unique_ptr<Unit> owned) {
    auto const place = std::ranges::upper_bound(waiting_, owned->deadline, {},
                                                [](Waiting const& each) { return each.unit->deadline; });
    waiting_.insert(place, {std::move(owned), &lent});
    serve_waiting();
  });
  co_return lent;
}

Task<> Leases::make(std::shared_ptr<Leases> self) {
  Options const& options = self->settings_->options;
  std::shared_ptr<Connection> connection;
  auto const wait = self->next_attempt_ - std::chrono::steady_clock::now();
  if (wait.count() > 0) co_await pause(std::chrono::ceil<std::chrono::milliseconds>(wait));
  if (!self->closing_) {
    try {
      auto handle = co_await connect(self->settings_->address, options.connect_timeout);
      connection = std::make_shared<Connection>(self->loop_, std::move(handle), options.statement_timeout);
    } catch (std::exception const& fault) {
      self->reachability_.failed(fault.what());
    }
  }
  --self->being_made_;
  bool was_served = false;
  if (connection && !self->closing_) {
    self->leases_.push_back({.connection = connection, .until = Deadline::max()});
    connection->send(greeting(options));
    self->watch();
    co_await Connection::serve(connection, *self);

    std::erase_if(self->leases_, [&](Lease const& lease) { return lease.connection == connection; });
    for (auto& answer : connection->give_up()) settle_lost(self->loop_, std::move(answer));
    was_served = connection->first_answer().has_value();
    if (!self->closing_) self->reachability_.lost(*connection, self->backoff_);
  }
  self->next_attempt_ = std::chrono::steady_clock::now() + self->backoff_.next();
  if (!was_served && self->leases_.empty()) self->refuse_waiting();
  self->serve_waiting();
}

void Leases::give_back(std::shared_ptr<Connection> connection, bool is_open) {
  Lease* const lease = find(*connection);
  if (lease == nullptr || !connection->is_usable()) return;
  if (closing_) return connection->abandon();
  lease->is_lent = false;
  lease->until = Deadline::max();
  if (is_open) {
    auto unit = std::make_unique<Unit>();
    unit->calls.push_back(call(rollback));
    unit->deadline = std::chrono::steady_clock::now() + settings_->options.deadline;
    connection->send(std::move(unit));
  }
  look_at(*connection);
}

void Leases::keep_beyond_deadline(Connection const& connection) {
  if (Lease* const lease = find(connection)) lease->until = Deadline::max();
}

void Leases::answered(Connection& connection, std::vector<Pipeline::Answer> answers) {
  if (connection.first_answer()) reachability_.answered();
  for (auto& answer : answers) {
    if (answer.error && answer.error->is_read_only()) connection.abandon();  // a new one looks for the primary
    settle(loop_, std::move(answer));
  }
  look_at(connection);
}

/// One that was given back is free once all is answered and nothing is open.
void Leases::look_at(Connection& connection) {
  Lease const* const lease = find(connection);
  if (lease != nullptr && !lease->is_lent && connection.in_flight() == 0) {
    if (!connection.is_idle()) return connection.abandon();
    serve_waiting();
  }
  watch();
}

Leases::Lease* Leases::find(Connection const& connection) {
  auto const found =
      std::ranges::find_if(leases_, [&](Lease const& each) { return each.connection.get() == &connection; });
  return found == leases_.end() ? nullptr : &*found;
}

Leases::Lease* Leases::find_free() {
  auto const found =
      std::ranges::find_if(leases_, [](Lease const& each) { return !each.is_lent && each.connection->is_idle(); });
  return found == leases_.end() ? nullptr : &*found;
}

std::shared_ptr<Connection> Leases::lend(Lease& lease, Deadline until) {
  lease.is_lent = true;
  lease.until = until;
  watch_.by(until);
  return lease.connection;
}

/// A connection is handed over, not announced: nobody who comes later can be quicker.
void Leases::serve_waiting() {
  refuse_late();
  while (!waiting_.empty()) {
    Lease* const lease = find_free();
    if (lease == nullptr) break;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    *next.lent = lend(*lease, next.unit->deadline);
    resume(loop_, std::move(next.unit));
  }
  make_missing();
  watch();
}

void Leases::make_missing() {
  if (closing_) return;
  auto const most = std::max<std::size_t>(settings_->options.transactions_per_loop, 1);
  auto const soon_free = static_cast<std::size_t>(
      std::ranges::count_if(leases_, [](Lease const& each) { return !each.is_lent && each.connection->is_usable(); }));
  while (leases_.size() + being_made_ < most && being_made_ + soon_free < waiting_.size()) {
    ++being_made_;
    asio::co_spawn(loop_, make(shared_from_this()), asio::detached);
  }
}

void Leases::refuse_late() {
  auto const now = std::chrono::steady_clock::now();
  while (!waiting_.empty() && waiting_.front().unit->deadline <= now) {
    fail(loop_, std::move(waiting_.front().unit), too_much_waits());
    waiting_.pop_front();
  }
}

void Leases::refuse_waiting() {
  for (auto& each : std::exchange(waiting_, {})) fail(loop_, std::move(each.unit), not_connected());
}

void Leases::sweep() {
  refuse_late();
  auto const now = std::chrono::steady_clock::now();
  for (Lease const& lease : leases_) {
    // Cut, the server undoes what is open.
    if (lease.until <= now || lease.connection->cut_off() <= now) lease.connection->abandon();
  }
  watch();
}

void Leases::watch() {
  if (!waiting_.empty()) watch_.by(waiting_.front().unit->deadline);
  for (Lease const& lease : leases_) {
    if (lease.connection->is_usable()) watch_.by(std::min(lease.until, lease.connection->cut_off()));
  }
}

void Leases::close() {
  closing_ = true;
  refuse_waiting();
  for (Lease const& lease : leases_) lease.connection->abandon();
}

}  // namespace balcao::db::postgres

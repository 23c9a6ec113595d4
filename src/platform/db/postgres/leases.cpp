#include "platform/db/postgres/leases.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "platform/db/postgres/settling.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::db::postgres {

namespace asio = boost::asio;

namespace {

constexpr Statement rollback{"rollback", "ROLLBACK"};

}  // namespace

Leases::Leases(asio::io_context& loop, std::shared_ptr<Settings const> settings)
    : loop_(loop), settings_(std::move(settings)), watch_(loop, [this] { sweep(); }) {}

Task<std::shared_ptr<Connection>> Leases::borrow(Deadline until) {
  for (;;) {
    if (closing_) std::rethrow_exception(not_connected());
    if (Lease* const lease = find_free()) {
      lease->is_lent = true;
      lease->until = until;
      watch_.by(until);
      co_return lease->connection;
    }
    if (leases_.size() + being_made_ < std::max<std::size_t>(settings_->options.transactions_per_loop, 1)) {
      ++being_made_;
      asio::co_spawn(loop_, make(shared_from_this()), asio::detached);
    }
    if (waiting_.size() >= settings_->options.queue_limit) std::rethrow_exception(too_much_waits());
    Unit turn;
    turn.deadline = until;
    co_await outcome_of(std::move(turn), [this](std::unique_ptr<Unit> owned) {
      watch_.by(owned->deadline);
      waiting_.push_back(std::move(owned));
    });
  }
}

Task<> Leases::make(std::shared_ptr<Leases> self) {
  Options const& options = self->settings_->options;
  std::shared_ptr<Connection> connection;
  try {
    auto handle = co_await connect(self->settings_->address, options.connect_timeout);
    connection = std::make_shared<Connection>(self->loop_, std::move(handle), options.statement_timeout);
  } catch (std::exception const& fault) {
    self->note_failure(fault.what());
  }
  --self->being_made_;
  if (!connection || self->closing_) {
    for (auto& turn : std::exchange(self->waiting_, {})) fail(self->loop_, std::move(turn), not_connected());
    co_return;
  }
  self->last_failure_.clear();
  self->leases_.push_back({.connection = connection, .until = Deadline::max()});
  connection->send(greeting(options));
  self->watch();
  co_await Connection::serve(connection, *self);

  std::erase_if(self->leases_, [&](Lease const& lease) { return lease.connection == connection; });
  for (auto& answer : connection->give_up()) settle_lost(self->loop_, std::move(answer));
  self->wake_next();
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
    wake_next();
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

void Leases::wake_next() {
  if (waiting_.empty()) return;
  auto turn = std::move(waiting_.front());
  waiting_.pop_front();
  resume(loop_, std::move(turn));
}

void Leases::sweep() {
  auto const now = std::chrono::steady_clock::now();
  while (!waiting_.empty() && waiting_.front()->deadline <= now) {
    fail(loop_, std::move(waiting_.front()), too_much_waits());
    waiting_.pop_front();
  }
  for (Lease const& lease : leases_) {
    // Cut, the server undoes what is open.
    if (lease.until <= now || lease.connection->cut_off() <= now) lease.connection->abandon();
  }
  watch();
}

void Leases::watch() {
  if (!waiting_.empty()) watch_.by(waiting_.front()->deadline);
  for (Lease const& lease : leases_) {
    if (lease.connection->is_usable()) watch_.by(std::min(lease.until, lease.connection->cut_off()));
  }
}

void Leases::close() {
  closing_ = true;
  for (auto& turn : std::exchange(waiting_, {})) fail(loop_, std::move(turn), not_connected());
  for (Lease const& lease : leases_) lease.connection->abandon();
}

/// Once for each reason, not for each attempt.
void Leases::note_failure(std::string const& reason) {
  if (std::exchange(last_failure_, reason) == reason) return;
  log::warn("database_unreachable", {{"cause", reason}});
}

}  // namespace balcao::db::postgres

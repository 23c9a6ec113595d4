#include "platform/jobs/jobs.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstdint>
#include <exception>
#include <map>
#include <optional>

#include "platform/crypto/random.hpp"
#include "platform/db/purge.hpp"
#include "platform/jobs/statements.hpp"
#include "platform/runtime/task_group.hpp"
#include "platform/runtime/wake_up.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::jobs {

using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr std::size_t concurrency = 8;
constexpr auto lease_time = 1min;
constexpr auto time_leases_are_renewed = 10min;  ///< a handler that never ends is left to others
constexpr auto time_between_looks = 1s;
constexpr auto time_done_jobs_are_kept = 24h;
constexpr std::size_t longest_error = 500;

/// One second, doubled with every attempt, at most an hour; and up to a quarter more, so that what failed together does
/// not come back together.
std::chrono::milliseconds backoff(int attempt) {
  static constexpr std::chrono::milliseconds longest = 1h;
  auto const doublings = std::clamp(attempt - 1, 0, 12);
  auto const delay = std::min<std::chrono::milliseconds>(1s * (1 << doublings), longest);
  std::array<std::uint8_t, 1> dice{};
  crypto::fill_random(dice);
  return std::min(delay + delay * dice[0] / 1024, longest);
}

std::string description_of(std::exception_ptr const& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (std::exception const& fault) {
    return std::string(fault.what()).substr(0, longest_error);
  } catch (...) {
    return "unknown";
  }
}

}  // namespace

struct Jobs::State : std::enable_shared_from_this<State> {
  State(db::Database& where, std::string schema_name, Clock const& time)
      : database(where), schema(std::move(schema_name)), clock(time), statements(schema), purge(time) {
    purge.add(schema + ".jobs", [this](Time now, std::int64_t most) -> Task<std::int64_t> {
      co_return (co_await database.query(statements.purge.statement, Time{now - time_done_jobs_are_kept}, most))
          .affected;
    });
  }

  Task<> work_on();
  Task<> renew();
  Task<> look();
  Task<> look_for_lost();
  Task<db::Rows> ask(db::Statement const& statement, Time until, std::int64_t number);
  Task<> begin(db::Rows leased, Isolation::Place alone);
  Task<> give_back();
  static Task<> work(std::shared_ptr<State> self, Job job, Isolation::Place alone);
  Task<> settle(Job const& job, std::exception_ptr failure);

  db::Database& database;
  std::string const schema;
  Clock const& clock;
  Statements const statements;
  /// Made by `run`, when the kinds are known.
  std::optional<db::OwnedStatement> lease_statement, lease_lost_statement, set_aside_statement;
  std::map<std::string, Handler> handlers;
  WakeUp wake_up;
  std::atomic<bool> stopping = false;
  std::size_t running = 0;
  struct Lease {
    Time begun;
    Time renewed;
  };
  std::map<std::pair<Uuid, int>, Lease> leases;  ///< of the jobs under way, by id and attempt
  std::vector<db::Call> to_give_back;            ///< leases of jobs that have ended, but could not be settled
  Time next_look_for_lost{};
  db::Purge purge;
};

Jobs::Jobs(db::Database& database, std::string schema, Clock const& clock)
    : state_(std::make_shared<State>(database, std::move(schema), clock)) {}

Jobs::~Jobs() = default;

db::Call Jobs::enqueue(std::string_view kind, std::string_view key, std::string_view payload,
                       std::chrono::milliseconds delay) const {
  Time const now = state_->clock.now();
  return db::call(state_->statements.enqueue.statement, Uuid::make(now), kind, key, payload, Time{now + delay});
}

void Jobs::handle(std::string kind, Handler handler) {
  state_->handlers.insert_or_assign(std::move(kind), std::move(handler));
}

void Jobs::wake() { state_->wake_up.ring(); }

void Jobs::stop() {
  state_->stopping = true;
  state_->wake_up.ring();
  state_->purge.stop();
}

Task<> Jobs::run() {
  auto const state = state_;
  auto const kinds = state->handlers.size();
  state->lease_statement.emplace("jobs_lease", lease_sql(state->schema, kinds));
  state->lease_lost_statement.emplace("jobs_lease_lost", lease_lost_sql(state->schema, kinds));
  state->set_aside_statement.emplace("jobs_set_aside", set_aside_sql(state->schema, kinds));
  std::vector<Task<>> both;
  both.push_back(state->purge.run());
  both.push_back(state->work_on());
  co_await at_once(std::move(both));
}

Task<std::int64_t> Jobs::count_set_aside() const {
  auto const state = state_;
  co_return (co_await state->database.query(state->statements.count_aside.statement)).front().get<std::int64_t>(0);
}

Task<> Jobs::State::work_on() {
  while (!stopping) {
    std::exception_ptr failure;
    try {
      co_await give_back();
      co_await renew();
      co_await look();
      co_await look_for_lost();
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) log::warn("jobs_look_failed", {{"schema", schema}, {"cause", description_of(failure)}});
    if (!stopping) co_await wake_up.wait(time_between_looks);
  }
  while (running > 0) co_await wake_up.wait(time_between_looks);
}

Task<> Jobs::State::look() {
  while (running < concurrency && !stopping && !handlers.empty()) {
    auto const free = concurrency - running;
    auto leased =
        co_await ask(lease_statement->statement, Time{clock.now() + lease_time}, static_cast<std::int64_t>(free));
    auto const count = leased.size();
    co_await begin(std::move(leased), nullptr);
    if (count < free) co_return;
  }
}

/// A job that takes longer than its lease is not lost: it would be taken once more beside itself, and count a death.
Task<> Jobs::State::renew() {
  Time const now = clock.now();
  std::vector<db::Call> calls;
  for (auto& [job, lease] : leases) {
    if (now < lease.renewed + lease_time / 3 || now > lease.begun + time_leases_are_renewed) continue;
    lease.renewed = now;
    calls.push_back(db::call(statements.renew.statement, job.first, job.second, Time{now + lease_time}));
  }
  if (!calls.empty()) co_await database.batch(std::move(calls));
}

/// What the process may have died of runs alone, and no more once it has died of it too often. It needs none of the
/// places that the others share: they may be full for long.
Task<> Jobs::State::look_for_lost() {
  Time const now = clock.now();
  if (stopping || handlers.empty() || now < next_look_for_lost) co_return;
  auto alone = Isolation::try_take(this);
  if (!alone) co_return;
  auto const aside = co_await ask(set_aside_statement->statement, Time{now + time_set_aside}, max_deaths - 1);
  for (db::Row const& row : aside) {
    log::error("a job is set aside: the process died each time it ran",
               {{"kind", row.get<std::string>(1)}, {"job", row.get<Uuid>(0).str()}, {"deaths", max_deaths}});
  }
  auto leased = co_await ask(lease_lost_statement->statement, Time{clock.now() + lease_time}, 1);
  if (leased.empty()) next_look_for_lost = now + time_between_looks;
  co_await begin(std::move(leased), std::move(alone));
}

Task<db::Rows> Jobs::State::ask(db::Statement const& statement, Time until, std::int64_t number) {
  auto call = db::call(statement, clock.now(), until, number);
  for (auto const& [kind, handler] : handlers) call.params.emplace_back(kind);
  co_return co_await database.query(std::move(call));
}

Task<> Jobs::State::begin(db::Rows leased, Isolation::Place alone) {
  auto const loop = co_await asio::this_coro::executor;
  for (db::Row const& row : leased) {
    Job job{row.get<Uuid>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3),
            row.get<int>(4)};
    ++running;
    Time const now = clock.now();
    leases.insert_or_assign({job.id, job.attempt}, Lease{now, now});
    asio::co_spawn(loop, work(shared_from_this(), std::move(job), alone), asio::detached);
  }
}

/// This process has not died: the leases that it could not settle say nothing of the jobs.
Task<> Jobs::State::give_back() {
  if (to_give_back.empty()) co_return;
  auto const count = std::ssize(to_give_back);
  co_await database.batch(to_give_back);
  to_give_back.erase(to_give_back.begin(), to_give_back.begin() + count);
}

Task<> Jobs::State::work(std::shared_ptr<State> self, Job job, [[maybe_unused]] Isolation::Place alone) {
  std::exception_ptr failure;
  try {
    co_await self->handlers.at(job.kind)(job);
  } catch (...) {
    failure = std::current_exception();
  }
  std::exception_ptr not_settled;
  try {
    co_await self->settle(job, failure);
  } catch (...) {
    not_settled = std::current_exception();
  }
  if (not_settled) {
    log::warn("job_not_settled", {{"kind", job.kind}, {"job", job.id.str()}, {"cause", description_of(not_settled)}});
    self->to_give_back.push_back(db::call(self->statements.release.statement, job.id, job.attempt));
  }
  --self->running;
  self->leases.erase({job.id, job.attempt});
  if (self->running <= concurrency / 2) self->wake_up.ring();
}

Task<> Jobs::State::settle(Job const& job, std::exception_ptr failure) {
  Time const now = clock.now();
  if (!failure) {
    co_await database.query(statements.complete.statement, job.id, job.attempt, now);
    co_return;
  }
  auto const cause = description_of(failure);
  log::warn("job_failed", {{"kind", job.kind}, {"job", job.id.str()}, {"attempt", job.attempt}, {"cause", cause}});
  co_await database.query(statements.retry.statement, job.id, job.attempt, Time{now + backoff(job.attempt)}, cause);
}

}  // namespace balcao::jobs

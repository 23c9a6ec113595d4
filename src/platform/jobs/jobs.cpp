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
#include "platform/jobs/statements.hpp"
#include "platform/runtime/wake_up.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::jobs {

using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr std::size_t concurrency = 8;
constexpr auto lease_time = 1min;
constexpr auto time_between_looks = 1s;
constexpr auto time_done_jobs_are_kept = 24h;
constexpr auto time_between_purges = 1h;
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
      : database(where), schema(std::move(schema_name)), clock(time), statements(schema) {}

  Task<> look();
  Task<std::vector<Job>> lease(std::size_t most);
  Task<> purge();
  static Task<> work(std::shared_ptr<State> self, Job job);
  Task<> settle(Job const& job, std::exception_ptr failure);

  db::Database& database;
  std::string const schema;
  Clock const& clock;
  Statements const statements;
  std::optional<db::OwnedStatement> lease_statement;  ///< made by `run`, when the kinds are known
  std::map<std::string, Handler> handlers;
  WakeUp wake_up;
  std::atomic<bool> stopping = false;
  std::size_t running = 0;
  Time next_purge{};
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
}

Task<> Jobs::run() {
  auto const state = state_;
  state->lease_statement.emplace("jobs_lease", lease_sql(state->schema, state->handlers.size()));
  while (!state->stopping) {
    std::exception_ptr failure;
    try {
      co_await state->look();
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) log::warn("jobs_look_failed", {{"schema", state->schema}, {"cause", description_of(failure)}});
    if (!state->stopping) co_await state->wake_up.wait(time_between_looks);
  }
  while (state->running > 0) co_await state->wake_up.wait(time_between_looks);
}

Task<> Jobs::State::look() {
  co_await purge();
  while (running < concurrency && !stopping && !handlers.empty()) {
    auto const free = concurrency - running;
    auto leased = co_await lease(free);
    auto const loop = co_await asio::this_coro::executor;
    for (Job& job : leased) {
      ++running;
      asio::co_spawn(loop, work(shared_from_this(), std::move(job)), asio::detached);
    }
    if (leased.size() < free) co_return;
  }
}

Task<std::vector<Job>> Jobs::State::lease(std::size_t most) {
  Time const now = clock.now();
  auto call = db::call(lease_statement->statement, now, Time{now + lease_time}, most);
  for (auto const& [kind, handler] : handlers) call.params.emplace_back(kind);

  std::vector<db::Call> calls;
  calls.push_back(std::move(call));
  auto const results = co_await database.batch(std::move(calls));

  std::vector<Job> jobs;
  for (db::Row const& row : results.front()) {
    jobs.push_back(
        {row.get<Uuid>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3), row.get<int>(4)});
  }
  co_return jobs;
}

Task<> Jobs::State::purge() {
  Time const now = clock.now();
  if (now < next_purge) co_return;
  co_await database.query(statements.purge.statement, Time{now - time_done_jobs_are_kept});
  next_purge = now + time_between_purges;
}

Task<> Jobs::State::work(std::shared_ptr<State> self, Job job) {
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
  if (not_settled) {  // its lease will run out, and then it is done once more
    log::warn("job_not_settled", {{"kind", job.kind}, {"job", job.id.str()}, {"cause", description_of(not_settled)}});
  }
  --self->running;
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

#include "platform/db/sqlite/writer.hpp"

#include <algorithm>

namespace balcao::db::sqlite {
namespace {

constexpr std::size_t group_limit = 512;
constexpr std::chrono::milliseconds longest_patience{2};

constexpr Statement begin_write{"begin", "BEGIN IMMEDIATE"};
constexpr Statement mark{"savepoint", "SAVEPOINT part"};
constexpr Statement keep{"release", "RELEASE part"};
constexpr Statement back_to_mark{"rollback_to", "ROLLBACK TO part"};

bool is_interactive(Write const& write) {
  return std::holds_alternative<std::shared_ptr<InteractiveTransaction>>(write.work);
}

bool is_late(Write const& write) { return std::chrono::steady_clock::now() >= write.deadline; }

std::exception_ptr refusal() {
  return std::make_exception_ptr(
      overloaded("Too much is waiting for the database", "Há coisas demais esperando pelo banco de dados"));
}

}  // namespace

Writer::Writer(Options const& options)
    : longest_transaction_(options.deadline),
      connection_(options, Connection::Mode::write),
      queue_(options.queue_limit),
      thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

Writer::~Writer() { queue_.close(); }  // and the jthread asks to stop, and joins

void Writer::submit(Write write) {
  if (queue_.push(write)) return;
  write.outcome->error = refusal();
  resume(std::move(write.waiter));
}

void Writer::run(std::stop_token stop) {
  std::size_t expected = 1;
  std::chrono::nanoseconds patience{};
  for (;;) {
    auto taken = queue_.take(group_limit, expected, patience);
    if (taken.empty()) return;
    auto const started = std::chrono::steady_clock::now();
    for (auto next = taken.begin(); next != taken.end();) {
      if (is_interactive(*next)) {
        serve(*next++, stop);
        continue;
      }
      auto const end = std::find_if(next, taken.end(), is_interactive);
      commit_together({next, end});
      next = end;
    }
    // Clients that were just answered tend to come back at once. Waiting for them a moment, never longer than half of
    // what the commit took, lets all clients share every commit, where they would otherwise halve into two groups that
    // wait for each other.
    expected = std::min(taken.size() + queue_.size(), group_limit);
    patience = std::min<std::chrono::nanoseconds>((std::chrono::steady_clock::now() - started) / 2, longest_patience);
  }
}

void Writer::commit_together(std::span<Write> group) {
  // Who came first is late first: all have the same time to wait.
  std::span<Write> const in_time{std::ranges::find_if_not(group, is_late), group.end()};
  for (Write& write : group.first(group.size() - in_time.size())) write.outcome->error = refusal();

  if (!in_time.empty()) {
    try {
      connection_.wait_for_lock_until(in_time.front().deadline);
      connection_.run(begin_write);
      for (Write& write : in_time) perform(write);
      connection_.run(commit);
    } catch (...) {
      connection_.rollback();
      for (Write& write : in_time) write.outcome->error = std::current_exception();
    }
  }

  std::vector<Waiter> waiters;
  waiters.reserve(group.size());
  for (Write& write : group) waiters.push_back(std::move(write.waiter));
  resume(std::move(waiters));
}

void Writer::perform(Write& write) {
  auto const* const calls = std::get_if<std::vector<Call>>(&write.work);
  bool const is_atomic_by_itself = calls != nullptr && calls->size() == 1;
  try {
    if (!is_atomic_by_itself) connection_.run(mark);
    if (calls != nullptr) {
      for (Call const& call : *calls) write.outcome->results.push_back(connection_.run(call));
    } else {
      connection_.run_script(std::get<Write::Script>(write.work).sql);
    }
    if (!is_atomic_by_itself) connection_.run(keep);
  } catch (...) {
    if (!connection_.in_transaction()) throw;  // a full disk, say, made SQLite undo what the others did as well
    write.outcome->error = std::current_exception();
    if (is_atomic_by_itself) return;
    connection_.run(back_to_mark);
    connection_.run(keep);
  }
}

void Writer::serve(Write& begin, std::stop_token stop) {
  auto const transaction = std::get<std::shared_ptr<InteractiveTransaction>>(begin.work);
  if (is_late(begin) || stop.stop_requested()) {
    begin.outcome->error = refusal();
  } else {
    try {
      connection_.wait_for_lock_until(begin.deadline);
      connection_.run(begin_write);
    } catch (...) {
      begin.outcome->error = std::current_exception();
    }
  }
  resume(std::move(begin.waiter));

  auto const deadline = std::chrono::steady_clock::now() + longest_transaction_;
  while (connection_.in_transaction()) {
    auto command = transaction->next(deadline, stop);
    if (!command) break;
    try {
      command->outcome->results.push_back(connection_.run(command->call));
    } catch (...) {
      // As in PostgreSQL, a statement that fails ends the transaction.
      connection_.rollback();
      command->outcome->error = std::current_exception();
    }
    resume(std::move(command->waiter));
  }
  connection_.rollback();
  transaction->end();
}

}  // namespace balcao::db::sqlite

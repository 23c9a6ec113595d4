#include "platform/db/sqlite/readers.hpp"

#include <algorithm>

namespace balcao::db::sqlite {
namespace {

constexpr Statement begin_read{"begin_read", "BEGIN"};
constexpr Statement end_read{"end_read", "COMMIT"};

std::exception_ptr refusal() {
  return std::make_exception_ptr(
      overloaded("Too much is waiting for the database", "Há coisas demais esperando pelo banco de dados"));
}

std::vector<Rows> answer(Connection& connection, Read const& read) {
  bool const needs_snapshot = read.calls.size() > 1;
  std::vector<Rows> results;
  if (needs_snapshot) connection.run(begin_read);
  for (Call const& call : read.calls) results.push_back(connection.run(call));
  if (needs_snapshot) connection.run(end_read);
  return results;
}

}  // namespace

Readers::Readers(Options const& options) : queue_(options.queue_limit) {
  auto const count = std::max<std::size_t>(options.readers, 1);
  for (std::size_t i = 0; i < count; ++i) connections_.emplace_back(options, Connection::Mode::read);
  for (Connection& connection : connections_) threads_.emplace_back([this, &connection] { run(connection); });
}

Readers::~Readers() { queue_.close(); }  // and the jthreads join

void Readers::submit(Read read) {
  if (queue_.push(read)) return;
  read.outcome->error = refusal();
  resume(std::move(read.waiter));
}

void Readers::run(Connection& connection) {
  for (;;) {
    auto taken = queue_.take(1);
    if (taken.empty()) return;
    Read& read = taken.front();
    if (std::chrono::steady_clock::now() >= read.deadline) {
      read.outcome->error = refusal();
    } else {
      try {
        connection.interrupt_at(read.deadline);
        connection.wait_for_lock_until(read.deadline);
        read.outcome->results = answer(connection, read);
      } catch (...) {
        read.outcome->error = std::current_exception();
        connection.interrupt_at(Deadline::max());
        connection.rollback();
      }
    }
    resume(std::move(read.waiter));
  }
}

}  // namespace balcao::db::sqlite

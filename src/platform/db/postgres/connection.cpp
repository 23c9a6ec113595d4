#include "platform/db/postgres/connection.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/telemetry/log.hpp"

namespace balcao::db::postgres {

namespace asio = boost::asio;

namespace {

/// The server gets this much longer than its own timeout to say that a statement took too long.
constexpr std::chrono::milliseconds grace{1000};

/// The server keeps its answers to a group until the end of it, unless it is asked for those that there are. Writes of
/// several callers are in doubt together, so it is asked now and then whether it still gets on with them.
constexpr std::size_t calls_per_flush = 4;

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};

}  // namespace

Connection::Connection(asio::io_context& loop, Handle handle, std::chrono::milliseconds statement_timeout)
    : handle_(std::move(handle)),
      socket_(loop.get_executor(), ::fcntl(PQsocket(handle_.get()), F_DUPFD_CLOEXEC, 0)),
      patience_(statement_timeout + grace) {
  if (PQsetnonblocking(handle_.get(), 1) != 0 || PQenterPipelineMode(handle_.get()) != 1) usable_ = false;
}

Task<> Connection::serve(std::shared_ptr<Connection> self, Owner& owner) {
  // Where the loop itself goes away, so does what waits for an answer: it may hold this connection in its turn.
  struct Ending {
    Connection& connection;
    bool is_orderly = false;
    ~Ending() {
      connection.close();
      if (!is_orderly) connection.pipeline_.give_up();
    }
  } ending{*self};

  while (self->usable_) {
    auto const [fault] =
        co_await self->socket_.async_wait(asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::use_awaitable));
    if (fault || !self->usable_) break;
    owner.answered(*self, self->read());
  }
  ending.is_orderly = true;
}

void Connection::send(std::unique_ptr<Unit> unit) {
  Group group;
  group.push_back(std::move(unit));
  send(std::move(group));
}

void Connection::send(Group group) {
  std::vector<std::shared_ptr<Prepared>> statements;
  bool sent = !is_idle() || deallocate_evicted();
  for (auto const& unit : group) {
    for (Call const& call : unit->calls) {
      auto [statement, is_new] = statements_.find(call);
      if (is_new) sent = sent && prepare(statement);
      statements.push_back(std::move(statement));
    }
  }
  auto statement = statements.begin();
  bool const shows_progress = group.size() > 1 && group.front()->effect != Effect::none;
  std::size_t executed = 0;
  for (auto const& unit : group) {
    for (Call const& call : unit->calls) {
      sent = sent && execute(call, **statement++);
      if (shows_progress && ++executed % calls_per_flush == 0) sent = sent && PQsendFlushRequest(handle_.get()) == 1;
    }
  }
  sent = sent && sync();
  auto const cut_off = std::max(group.back()->deadline, std::chrono::steady_clock::now() + patience_);
  pipeline_.expect(std::move(group), std::move(statements), cut_off, cut_off + patience_);
  is_all_sent_ = false;
  if (!sent) return abandon();
  flush();
}

/// In a sync of its own: it fails for its own reasons only, and what comes behind may count on it without waiting.
bool Connection::prepare(std::shared_ptr<Prepared> const& statement) {
  int const sent = PQsendPrepare(handle_.get(), statement->name.c_str(), statement->sql.c_str(),
                                 static_cast<int>(statement->types.size()), statement->types.data());
  if (sent != 1 || !sync()) return false;
  pipeline_.expect(statement, std::chrono::steady_clock::now() + patience_);
  return true;
}

/// When nothing is in flight, so nothing uses them, and no transaction is open, which a failure would end. Each in a
/// sync of its own, whose failure is that of a statement which could not be prepared.
bool Connection::deallocate_evicted() {
  for (auto& statement : statements_.take_evicted()) {
    auto const sql = "DEALLOCATE " + statement->name;
    int const sent = PQsendQueryParams(handle_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
    if (sent != 1 || !sync()) return false;
    pipeline_.expect(std::move(statement), std::chrono::steady_clock::now() + patience_);
  }
  return true;
}

bool Connection::execute(Call const& call, Prepared const& statement) {
  static constexpr int binary = 1;
  parameters_.assign(call.params, statement.types);
  return PQsendQueryPrepared(handle_.get(), statement.name.c_str(), parameters_.count(), parameters_.values(),
                             parameters_.lengths(), parameters_.formats(), binary) == 1;
}

bool Connection::sync() {
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
  return PQsendPipelineSync(handle_.get()) == 1;
#else
  return PQpipelineSync(handle_.get()) == 1;
#endif
}

void Connection::flush() {
  if (!usable_) return;
  int const left = PQflush(handle_.get());
  if (left < 0) return abandon();
  is_all_sent_ = left == 0;
  if (left == 0 || std::exchange(is_writing_, true)) return;
  socket_.async_wait(asio::posix::descriptor_base::wait_write,
                     [self = shared_from_this()](boost::system::error_code fault) {
                       self->is_writing_ = false;
                       if (!fault) self->flush();
                     });
}

std::vector<Pipeline::Answer> Connection::read() {
  std::vector<Pipeline::Answer> answers;
  // libpq writes before it reads. Where it then finds the connection lost, what it still held may have been sent, and
  // executed: only `flush` knows that it was not.
  is_all_sent_ = true;
  // What came before a loss still counts.
  if (PQconsumeInput(handle_.get()) == 0) abandon();
  try {
    auto const now = std::chrono::steady_clock::now();
    while (auto reply = next_reply()) {
      auto const* const failed = std::get_if<Failed>(&*reply);
      if (failed != nullptr && failed->error.ends_connection) {
        abandon();
        break;
      }
      std::ranges::move(pipeline_.take(std::move(*reply), now + patience_), std::back_inserter(answers));
      if (!first_answer_ && !answers.empty()) first_answer_ = now;
    }
  } catch (ProtocolViolation const& violation) {
    log::error("database_protocol_violation", {{"cause", violation.what()}});
    abandon();
  }
  if (PQstatus(handle_.get()) != CONNECTION_OK) abandon();
  if (usable_) flush();  // libpq may have waited for this reading to go on writing
  return answers;
}

std::optional<Reply> Connection::next_reply() {
  if (pipeline_.empty() || PQisBusy(handle_.get()) != 0) return std::nullopt;
  std::unique_ptr<PGresult, Clear> const result(PQgetResult(handle_.get()));
  if (!result) return pipeline_.awaits_end() ? std::optional<Reply>(End{}) : std::nullopt;
  switch (PQresultStatus(result.get())) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
      try {
        return decode(result.get());
      } catch (std::exception const&) {
        return Unreadable{std::current_exception()};
      }
    case PGRES_PIPELINE_SYNC:
      return Synced{};
    case PGRES_PIPELINE_ABORTED:
      return Skipped{};
    case PGRES_FATAL_ERROR:
      return Failed{ServerError::of(result.get())};
    default:
      throw ProtocolViolation(PQresStatus(PQresultStatus(result.get())));
  }
}

bool Connection::is_idle() const {
  return usable_ && pipeline_.empty() && PQtransactionStatus(handle_.get()) == PQTRANS_IDLE;
}

void Connection::abandon() {
  usable_ = false;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

/// Others may still hold this object; what is open on the server must not wait for them.
void Connection::close() {
  usable_ = false;
  // libpq says goodbye, and would send what it still holds before that: what is taken for not sent must not be.
  if (handle_ && !is_all_sent_ && PQsocket(handle_.get()) >= 0) ::shutdown(PQsocket(handle_.get()), SHUT_RDWR);
  boost::system::error_code ignored;
  socket_.close(ignored);
  handle_.reset();
}

}  // namespace balcao::db::postgres

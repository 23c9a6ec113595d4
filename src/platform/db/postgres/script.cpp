#include "platform/db/postgres/script.hpp"

namespace balcao::db::postgres {
namespace {

using Descriptor = boost::asio::posix::descriptor_base;

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};

/// Several statements in one message are one transaction. Gives the first failure.
Task<std::optional<ServerError>> complete(PGconn* connection, std::string sql, Deadline deadline) {
  auto const lost = ServerError{{}, {}, {}, true};
  if (PQsendQuery(connection, sql.c_str()) != 1) co_return lost;
  int left = 1;
  while ((left = PQflush(connection)) == 1) {
    if (!co_await wait_for(connection, Descriptor::wait_write, deadline)) co_return lost;
  }
  if (left < 0) co_return lost;

  std::optional<ServerError> failure;
  for (;;) {
    while (PQisBusy(connection) != 0) {
      if (!co_await wait_for(connection, Descriptor::wait_read, deadline)) co_return lost;
      if (PQconsumeInput(connection) == 0) co_return lost;
    }
    std::unique_ptr<PGresult, Clear> const result(PQgetResult(connection));
    if (!result) co_return failure;
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR && !failure) failure = ServerError::of(result.get());
  }
}

}  // namespace

Task<> run_script(std::shared_ptr<Settings const> settings, std::string script) {
  Options const& options = settings->options;
  auto const handle = co_await connect(settings->address, options.connect_timeout);
  if (PQsetnonblocking(handle.get(), 1) != 0) std::rethrow_exception(not_connected());

  auto const deadline = std::chrono::steady_clock::now() + options.script_timeout;
  auto const allow = "SET statement_timeout = " + std::to_string(options.script_timeout.count());
  if (co_await complete(handle.get(), allow, deadline)) std::rethrow_exception(not_connected());
  auto const failure = co_await complete(handle.get(), std::move(script), deadline);
  if (!failure) co_return;
  std::rethrow_exception(failure->ends_connection ? unknown_outcome("script") : to_exception(*failure, "script"));
}

}  // namespace balcao::db::postgres

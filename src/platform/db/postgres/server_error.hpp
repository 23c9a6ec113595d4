#pragma once

#include <libpq-fe.h>

#include <exception>
#include <string>
#include <string_view>

namespace balcao::db::postgres {

/// What the server said of a statement that failed, from its diagnostics.
struct ServerError {
  std::string sqlstate;  ///< empty where it was libpq that noticed a loss
  std::string constraint;
  std::string message;
  bool ends_connection = false;

  static ServerError of(PGresult const* result);

  /// A conflict with another transaction, or a plan that is no longer there: nothing was done, and once more may do.
  bool may_pass_again() const;

  /// It may have been done: servers and poolers that stand in for PostgreSQL say so of a commit.
  bool leaves_unknown() const { return sqlstate == "40003" || sqlstate == "08007"; }

  /// The prepared statement is of no more use: gone, or its plan no longer fits its tables.
  bool is_of_preparation() const { return sqlstate == "26000" || sqlstate == "0A000"; }

  /// The server no longer takes writes: after a failover it is a standby.
  bool is_read_only() const { return sqlstate == "25006"; }
};

/// For the caller of the Database: Problem `unavailable` where the server is busy, out of time or out of something, and
/// has changed nothing; UnknownOutcome where it may have been done; std::logic_error for a wrong number of parameters;
/// else db::Error.
std::exception_ptr to_exception(ServerError const& error, std::string_view statement);

/// The refusals of the driver itself.
std::exception_ptr too_much_waits();
std::exception_ptr not_connected();
std::exception_ptr transaction_has_ended();
std::exception_ptr unknown_outcome(std::string_view statement);

}  // namespace balcao::db::postgres

#include "platform/db/postgres/server_error.hpp"

#include "platform/db/database.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::db::postgres {
namespace {

std::string field(PGresult const* result, int code) {
  char const* const text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

std::exception_ptr unavailable(std::string_view what_en, std::string_view what_pt) {
  return std::make_exception_ptr(overloaded(what_en, what_pt));
}

/// The message of a data exception quotes the value, which may be a secret.
bool quotes_values(std::string_view sqlstate) { return sqlstate.starts_with("22"); }

}  // namespace

ServerError ServerError::of(PGresult const* result) {
  auto const severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  auto sqlstate = field(result, PG_DIAG_SQLSTATE);
  bool const ends_connection = sqlstate.empty() || severity == "FATAL" || severity == "PANIC";
  return {std::move(sqlstate), field(result, PG_DIAG_CONSTRAINT_NAME), field(result, PG_DIAG_MESSAGE_PRIMARY),
          ends_connection};
}

bool ServerError::may_pass_again() const {
  return sqlstate == "40001" || sqlstate == "40P01" || is_of_preparation();  // serialization failure, deadlock
}

std::exception_ptr to_exception(ServerError const& error, std::string_view statement) {
  std::string_view const code = error.sqlstate;
  if (code == "57014") {
    return unavailable("The database took too long to answer", "O banco de dados demorou demais para responder");
  }
  if (error.leaves_unknown()) return unknown_outcome(statement);
  if (code.starts_with("40")) return std::make_exception_ptr(Conflict());
  if (code == "55P03") return unavailable("The database is busy", "O banco de dados está ocupado");
  if (code.starts_with("53")) {
    log::error("database_out_of_resources", {{"sqlstate", code}});
    return unavailable("The database cannot do this right now", "O banco de dados não consegue fazer isso agora");
  }
  if (error.is_read_only() || code.starts_with("57P")) return not_connected();

  auto const what = "postgres: " + std::string(statement) + ": " +
                    (quotes_values(code) || error.message.empty() ? "failed" : error.message) + " (" + error.sqlstate +
                    ")";
  if (code == "08P01") return std::make_exception_ptr(std::logic_error(what));
  return std::make_exception_ptr(Error(what, error.sqlstate, error.constraint));
}

std::exception_ptr too_much_waits() {
  return unavailable("Too much is waiting for the database", "Há coisas demais esperando pelo banco de dados");
}

std::exception_ptr not_connected() {
  return unavailable("The database cannot be reached right now", "O banco de dados está fora de alcance agora");
}

std::exception_ptr transaction_has_ended() {
  return unavailable("The transaction has ended or took too long", "A transação terminou ou demorou demais");
}

std::exception_ptr unknown_outcome(std::string_view statement) {
  return std::make_exception_ptr(
      UnknownOutcome("postgres: " + std::string(statement) + ": the connection was lost before its outcome was known"));
}

}  // namespace balcao::db::postgres

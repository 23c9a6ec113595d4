#pragma once

#include <cstdint>

#include "auth/model.hpp"

namespace balcao::auth {

/// What is written down. The names are what programs search for, and never change.
enum class Event : std::uint8_t {
  registered,
  imported,
  logged_in,
  login_failed,
  login_locked,  ///< more guesses than the limit: those that follow are not looked at
  logged_out,
  refresh_token_reused,
  session_ended,
  sessions_ended,
  session_limit_reached,  ///< the least recently used session ended, since one more was opened
  password_changed,
  role_changed,
  disabled,
  enabled,
  erased,
  first_administrator_made,
  second_factor_enrolled,
  second_factor_removed,
  second_factor_failed,
  recovery_code_used,
  recovery_codes_made,
  service_account_made,
  service_account_changed,
  service_account_secret_changed,
  service_account_refused,  ///< a wrong secret
  token_revoked,
  keys_rotated,
};
std::string_view to_string(Event event);
std::optional<Event> parse_event(std::string_view name);

/// One line of the trail.
struct AuditEntry {
  Id<AuditEntry> id;
  Time created_at;
  std::string event;
  std::optional<Id<User>> actor;
  std::optional<Id<User>> user;
  std::string address;
  std::string user_agent;
  std::string details;  ///< JSON
};

struct AuditFilter {
  std::optional<std::string> event = {};
  std::optional<Id<User>> user = {};  ///< to whom it was done
};

}  // namespace balcao::auth

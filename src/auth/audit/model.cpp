#include "auth/audit/model.hpp"

#include <array>

namespace balcao::auth {
namespace {

constexpr std::array<std::pair<Event, std::string_view>, 27> names{{
    {Event::registered, "registered"},
    {Event::imported, "imported"},
    {Event::logged_in, "logged_in"},
    {Event::login_failed, "login_failed"},
    {Event::login_locked, "login_locked"},
    {Event::logged_out, "logged_out"},
    {Event::refresh_token_reused, "refresh_token_reused"},
    {Event::session_ended, "session_ended"},
    {Event::sessions_ended, "sessions_ended"},
    {Event::session_limit_reached, "session_limit_reached"},
    {Event::password_changed, "password_changed"},
    {Event::role_changed, "role_changed"},
    {Event::disabled, "disabled"},
    {Event::enabled, "enabled"},
    {Event::erased, "erased"},
    {Event::first_administrator_made, "first_administrator_made"},
    {Event::second_factor_enrolled, "second_factor_enrolled"},
    {Event::second_factor_removed, "second_factor_removed"},
    {Event::second_factor_failed, "second_factor_failed"},
    {Event::recovery_code_used, "recovery_code_used"},
    {Event::recovery_codes_made, "recovery_codes_made"},
    {Event::service_account_made, "service_account_made"},
    {Event::service_account_changed, "service_account_changed"},
    {Event::service_account_secret_changed, "service_account_secret_changed"},
    {Event::service_account_refused, "service_account_refused"},
    {Event::token_revoked, "token_revoked"},
    {Event::keys_rotated, "keys_rotated"},
}};

}  // namespace

std::string_view to_string(Event event) {
  for (auto const& [known, name] : names) {
    if (known == event) return name;
  }
  return {};
}

std::optional<Event> parse_event(std::string_view name) {
  for (auto const& [event, known] : names) {
    if (known == name) return event;
  }
  return std::nullopt;
}

}  // namespace balcao::auth

#include "auth/migrations.hpp"

namespace balcao::auth {

std::string_view embedded(std::string_view name);

std::vector<db::Migration> migrations(std::string_view engine) {
  auto const text = [&](std::string const& step) {
    return std::string(embedded(step + '.' + std::string(engine) + ".sql"));
  };
  return {{1, "users_and_sessions", text("0001_users_and_sessions")},
          {2, "jobs", text("0002_jobs")},
          {3, "security", text("0003_security")},
          {4, "session_bounds", text("0004_session_bounds")},
          {5, "set_aside", text("0005_set_aside")}};
}

}  // namespace balcao::auth

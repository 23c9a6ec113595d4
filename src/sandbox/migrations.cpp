#include "sandbox/sandbox.hpp"

namespace balcao::sandbox {

std::string_view embedded(std::string_view name);

std::vector<db::Migration> migrations(std::string_view engine) {
  auto const text = [&](std::string const& step) {
    return std::string(embedded(step + '.' + std::string(engine) + ".sql"));
  };
  return {{1, "customers", text("0001_customers")},
          {2, "jobs", text("0002_jobs")},
          {3, "payments", text("0003_payments")},
          {4, "events", text("0004_events")},
          {5, "set_aside", text("0005_set_aside")}};
}

}  // namespace balcao::sandbox

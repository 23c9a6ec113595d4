#include "payments/migrations.hpp"

namespace balcao::payments {

std::string_view embedded(std::string_view name);

std::vector<db::Migration> migrations(std::string_view engine) {
  auto const text = [&](std::string const& step) {
    return std::string(embedded(step + '.' + std::string(engine) + ".sql"));
  };
  return {{1, "clients", text("0001_clients")},
          {2, "erasure", text("0002_erasure")},
          {3, "payments", text("0003_payments")},
          {4, "webhooks", text("0004_webhooks")},
          {5, "set_aside", text("0005_set_aside")}};
}

}  // namespace balcao::payments

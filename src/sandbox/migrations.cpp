#include "sandbox/sandbox.hpp"

namespace balcao::sandbox {

std::string_view embedded(std::string_view name);

std::vector<db::Migration> migrations(std::string_view engine) {
  return {{1, "customers", std::string(embedded("0001_customers." + std::string(engine) + ".sql"))}};
}

}  // namespace balcao::sandbox

#include "sandbox/sandbox.hpp"

namespace balcao::sandbox {

std::string_view embedded(std::string_view name);

std::vector<db::Migration> migrations(std::string_view engine) {
  auto const step = [&](int version, std::string name) {
    std::string const file = name + "." + std::string(engine) + ".sql";
    return db::Migration{version, std::move(name), std::string(embedded(file))};
  };
  return {step(1, "0001_customers")};
}

}  // namespace balcao::sandbox

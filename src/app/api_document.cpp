#include "app/api_document.hpp"

#include <algorithm>
#include <iterator>

#include "app/services.hpp"
#include "app/system.hpp"
#include "payments/gateway/stripe.hpp"
#include "platform/http/openapi.hpp"
#include "platform/shared/memory/memory.hpp"

namespace balcao::app {
namespace {

/// Nothing is asked of the services here: they are made for what their endpoints declare.
class NoDatabase final : public db::Database {
 public:
  Task<std::vector<db::Rows>> batch(std::vector<db::Call>) override { throw db::Error("no database"); }
  Task<> execute_script(std::string) override { throw db::Error("no database"); }
  std::string_view engine() const override { return "none"; }
  Task<> ping() override { throw db::Error("no database"); }

 private:
  Task<db::Rows> run(db::Call) override { throw db::Error("no database"); }
  Task<std::unique_ptr<db::Transaction>> begin() override { throw db::Error("no database"); }
  Task<> commit(std::unique_ptr<db::Transaction>) override { throw db::Error("no database"); }
};

}  // namespace

std::string api_document() {
  NoDatabase database;
  auto const gateway = payments::make_stripe({.api_base = "https://gateway.invalid", .secret_key = ""});
  Workers workers(1, 1);
  auto const shared = shared::memory::make(system_clock());
  Services services({&database, &database, &database, gateway.get(), {}, *shared, workers, system_clock(), 1, {}},
                    {"none", {}, {}, {}}, {}, {}, {});
  System system;
  auto all = services.endpoints();
  std::ranges::move(endpoints(system), std::back_inserter(all));
  return http::openapi(all, version());
}

}  // namespace balcao::app

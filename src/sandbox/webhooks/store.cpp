#include "sandbox/webhooks/store.hpp"

#include "platform/json/parse.hpp"

namespace balcao::sandbox::webhooks {
namespace {

constexpr db::Statement all_endpoints{"sandbox_all_endpoints",
                                      "SELECT id, created_at, version, secret, resource FROM sandbox.webhook_endpoints "
                                      "ORDER BY created_at DESC, id DESC"};

constexpr db::Statement find_endpoint{
    "sandbox_find_endpoint",
    "SELECT id, created_at, version, secret, resource FROM sandbox.webhook_endpoints WHERE id = $1"};

constexpr db::Statement insert_endpoint{
    "sandbox_insert_endpoint",
    "INSERT INTO sandbox.webhook_endpoints (id, created_at, version, secret, resource) VALUES ($1, $2, $3, $4, $5)"};

// Another version makes it NULL, which the column refuses: the whole batch fails.
constexpr db::Statement update_endpoint{
    "sandbox_update_endpoint",
    "UPDATE sandbox.webhook_endpoints SET version = CASE WHEN version = $2 THEN version + 1 END, resource = $3 "
    "WHERE id = $1"};

constexpr db::Statement remove_endpoint{"sandbox_remove_endpoint",
                                        "DELETE FROM sandbox.webhook_endpoints WHERE id = $1"};

Endpoint read(db::Row const& row) {
  return {row.get<std::string>(0), row.get<Time>(1), row.get<std::int64_t>(2), row.get<std::string>(3),
          json::parse(row.get<std::string>(4)).value().as_object()};
}

}  // namespace

Task<std::vector<Endpoint>> Store::all() {
  std::vector<Endpoint> endpoints;
  for (auto const& row : co_await database_.query(all_endpoints)) endpoints.push_back(read(row));
  co_return endpoints;
}

Task<std::optional<Endpoint>> Store::find(std::string id) {
  auto const rows = co_await database_.query(find_endpoint, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read(rows.front());
}

db::Call Store::insert(Endpoint const& endpoint) {
  return db::call(insert_endpoint, endpoint.id, endpoint.created_at, endpoint.version, endpoint.secret,
                  json::to_text(endpoint.resource));
}

db::Call Store::update(Endpoint const& endpoint) {
  return db::call(update_endpoint, endpoint.id, endpoint.version, json::to_text(endpoint.resource));
}

db::Call Store::remove(std::string const& id) { return db::call(remove_endpoint, id); }

}  // namespace balcao::sandbox::webhooks

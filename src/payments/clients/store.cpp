#include "payments/clients/store.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

constexpr Statement insert_sql{"payments.insert_client", R"(
INSERT INTO payments.clients (id, owner_id, email, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (id) DO NOTHING)"};

constexpr Statement find_sql{"payments.find_client",
                             R"(SELECT id, owner_id, email, name, gateway_id, refusal, created_at FROM payments.clients
WHERE id = $1 AND erased_at IS NULL)"};

constexpr Statement set_gateway_id_sql{
    "payments.set_gateway_id",
    R"(UPDATE payments.clients SET gateway_id = $2, updated_at = $3 WHERE id = $1 AND gateway_id IS NULL)"};

constexpr Statement set_refusal_sql{
    "payments.set_refusal",
    R"(UPDATE payments.clients SET refusal = $2, updated_at = $3 WHERE id = $1 AND gateway_id IS NULL)"};

constexpr Statement remove_pending_sql{"payments.remove_pending_client",
                                       R"(DELETE FROM payments.clients WHERE id = $1 AND gateway_id IS NULL)"};

// Where the client has not been made yet, the row keeps it from being made.
constexpr Statement erase_sql{"payments.erase_client", R"(
INSERT INTO payments.clients (id, owner_id, email, name, created_at, updated_at, erased_at)
VALUES ($1, $2, '', '', $3, $3, $3)
ON CONFLICT (id) DO UPDATE
SET email = '', name = '', updated_at = excluded.updated_at, erased_at = excluded.erased_at)"};

// Ids sort by age and every id is below the last of the number space, so that the first page needs no text of its own.
constexpr Statement list_sql{"payments.list_clients",
                             R"(SELECT id, owner_id, email, name, gateway_id, refusal, created_at
FROM payments.clients WHERE id < $1 AND erased_at IS NULL ORDER BY id DESC LIMIT $2)"};

constexpr Statement list_owned_sql{"payments.list_owned_clients", R"(SELECT
  id, owner_id, email, name, gateway_id, refusal, created_at
FROM payments.clients WHERE owner_id = $3 AND id <> owner_id AND id < $1 AND erased_at IS NULL
ORDER BY id DESC LIMIT $2)"};

Client read(db::Row const& row) {
  auto email = row.get<std::string>(2);
  return {row.get<Id<Client>>(0),
          row.get<Id<Owner>>(1),
          email.empty() ? std::nullopt : std::optional(std::move(email)),  // the column takes no null
          row.get<std::string>(3),
          row.get<std::optional<std::string>>(4),
          row.get<std::optional<std::string>>(5),
          row.get<Time>(6)};
}

}  // namespace

Task<> ClientStore::insert(Client client, db::Call enqueue) {
  std::vector<db::Call> calls;
  calls.push_back(
      db::call(insert_sql, client.id, client.owner, client.email.value_or(""), client.name, client.created_at));
  calls.push_back(std::move(enqueue));
  co_await database_.batch(std::move(calls));
}

Task<> ClientStore::enqueue(db::Call job) { co_await database_.query(std::move(job)); }

Task<std::optional<Client>> ClientStore::find(Id<Client> id) {
  auto const rows = co_await database_.query(find_sql, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read(rows.front());
}

Task<> ClientStore::set_gateway_id(Id<Client> id, std::string gateway_id, Time now) {
  co_await database_.query(set_gateway_id_sql, id, gateway_id, now);
}

Task<> ClientStore::set_refusal(Id<Client> id, std::string code, Time now) {
  co_await database_.query(set_refusal_sql, id, code, now);
}

Task<> ClientStore::remove_pending(Id<Client> id) { co_await database_.query(remove_pending_sql, id); }

Task<> ClientStore::erase(Id<Client> id, Id<Owner> owner, Time now) {
  co_await database_.query(erase_sql, id, owner, now);
}

Task<std::vector<Client>> ClientStore::list(ClientListRequest request) {
  auto const after = request.after ? request.after->uuid : last_uuid;
  auto const rows = request.owner ? co_await database_.query(list_owned_sql, after, request.limit + 1, *request.owner)
                                  : co_await database_.query(list_sql, after, request.limit + 1);
  std::vector<Client> clients;
  for (auto const& row : rows) clients.push_back(read(row));
  co_return clients;
}

}  // namespace balcao::payments

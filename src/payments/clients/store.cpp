#include "payments/clients/store.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

constexpr Statement insert_sql{"payments.insert_client", R"(
INSERT INTO payments.clients (id, owner_id, email, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (id) DO NOTHING)"};

constexpr Statement count_owned_sql{"payments.count_owned_clients", R"(SELECT count(*) FROM (SELECT 1
FROM payments.clients WHERE owner_id = $1 AND id <> owner_id AND erased_at IS NULL AND deleted_at IS NULL
LIMIT $2) AS found)"};

constexpr Statement find_sql{"payments.find_client", R"(SELECT
  id, owner_id, email, name, gateway_id, refusal, created_at, change_id, new_email, new_name, deleted_at, revision
FROM payments.clients WHERE id = $1 AND erased_at IS NULL)"};

constexpr Statement find_by_gateway_id_sql{"payments.find_client_by_gateway_id", R"(SELECT
  id, owner_id, email, name, gateway_id, refusal, created_at, change_id, new_email, new_name, deleted_at, revision
FROM payments.clients WHERE gateway_id = $1 AND erased_at IS NULL)"};

constexpr Statement set_gateway_id_sql{
    "payments.set_gateway_id",
    R"(UPDATE payments.clients SET gateway_id = $2, updated_at = $3 WHERE id = $1 AND gateway_id IS NULL)"};

constexpr Statement set_refusal_sql{
    "payments.set_refusal",
    R"(UPDATE payments.clients SET refusal = $2, updated_at = $3 WHERE id = $1 AND gateway_id IS NULL)"};

constexpr Statement remove_pending_sql{"payments.remove_pending_client",
                                       R"(DELETE FROM payments.clients WHERE id = $1 AND gateway_id IS NULL)"};

constexpr Statement remove_sql{"payments.remove_client", R"(UPDATE payments.clients
SET deleted_at = $2, updated_at = $2, change_id = NULL, new_email = NULL, new_name = NULL, change_leased_until = NULL
WHERE id = $1 AND deleted_at IS NULL)"};

// Where the client has not been made yet, the row keeps it from being made.
constexpr Statement erase_sql{"payments.erase_client", R"(
INSERT INTO payments.clients (id, owner_id, email, name, created_at, updated_at, erased_at)
VALUES ($1, $2, '', '', $3, $3, $3)
ON CONFLICT (id) DO UPDATE
SET email = '', name = '', change_id = NULL, new_email = NULL, new_name = NULL, change_leased_until = NULL,
    updated_at = excluded.updated_at, erased_at = excluded.erased_at)"};

constexpr Statement want_change_sql{"payments.want_client_change", R"(UPDATE payments.clients
SET change_id = $2, new_email = COALESCE($3, new_email), new_name = COALESCE($4, new_name), updated_at = $5
WHERE id = $1 AND refusal IS NULL AND deleted_at IS NULL AND erased_at IS NULL RETURNING id)"};

constexpr Statement lease_change_sql{"payments.lease_client_change", R"(UPDATE payments.clients
SET change_leased_until = $3
WHERE id = $1 AND change_id IS NOT NULL AND gateway_id IS NOT NULL
  AND (change_leased_until IS NULL OR change_leased_until <= $2)
RETURNING change_id, new_email, new_name)"};

constexpr Statement settle_change_sql{"payments.settle_client_change", R"(UPDATE payments.clients
SET email = COALESCE(new_email, email), name = COALESCE(new_name, name), revision = revision + 1, updated_at = $3,
    change_id = NULL, new_email = NULL, new_name = NULL, change_leased_until = NULL
WHERE id = $1 AND change_id = $2 RETURNING id)"};

constexpr Statement discard_change_sql{"payments.discard_client_change", R"(UPDATE payments.clients
SET change_id = NULL, new_email = NULL, new_name = NULL, change_leased_until = NULL, updated_at = $3
WHERE id = $1 AND change_id = $2 RETURNING id)"};

constexpr Statement release_change_sql{"payments.release_client_change",
                                       R"(UPDATE payments.clients SET change_leased_until = NULL WHERE id = $1)"};

constexpr Statement mirror_sql{"payments.mirror_client", R"(UPDATE payments.clients
SET email = $3, name = $4, revision = revision + 1, updated_at = $5
WHERE id = $1 AND revision = $2 AND deleted_at IS NULL AND erased_at IS NULL RETURNING id)"};

// Ids sort by age and every id is below the last of the number space, so that the first page needs no text of its own.
constexpr Statement list_sql{"payments.list_clients", R"(SELECT
  id, owner_id, email, name, gateway_id, refusal, created_at, change_id, new_email, new_name, deleted_at, revision
FROM payments.clients WHERE id < $1 AND erased_at IS NULL AND deleted_at IS NULL ORDER BY id DESC LIMIT $2)"};

constexpr Statement list_owned_sql{"payments.list_owned_clients", R"(SELECT
  id, owner_id, email, name, gateway_id, refusal, created_at, change_id, new_email, new_name, deleted_at, revision
FROM payments.clients WHERE owner_id = $3 AND id <> owner_id AND id < $1 AND erased_at IS NULL AND deleted_at IS NULL
ORDER BY id DESC LIMIT $2)"};

std::optional<ClientChange> read_change(db::Row const& row, std::size_t first) {
  auto const id = row.get<std::optional<Uuid>>(first);
  if (!id) return std::nullopt;
  return ClientChange{*id, row.get<std::optional<std::string>>(first + 1),
                      row.get<std::optional<std::string>>(first + 2)};
}

Client read(db::Row const& row) {
  auto email = row.get<std::string>(2);
  return {row.get<Id<Client>>(0),
          row.get<Id<Owner>>(1),
          email.empty() ? std::nullopt : std::optional(std::move(email)),  // the column takes no null
          row.get<std::string>(3),
          row.get<std::optional<std::string>>(4),
          row.get<std::optional<std::string>>(5),
          row.get<Time>(6),
          read_change(row, 7),
          row.get<std::optional<Time>>(10).has_value(),
          row.get<std::int64_t>(11)};
}

}  // namespace

Task<> ClientStore::insert(Client client, db::Call enqueue) {
  std::vector<db::Call> calls;
  calls.push_back(
      db::call(insert_sql, client.id, client.owner, client.email.value_or(""), client.name, client.created_at));
  calls.push_back(std::move(enqueue));
  co_await database_.batch(std::move(calls));
}

Task<bool> ClientStore::has(std::int64_t count, Id<Owner> owner) {
  co_return (co_await database_.query(count_owned_sql, owner, count)).front().get<std::int64_t>(0) >= count;
}

Task<> ClientStore::enqueue(db::Call job) { co_await database_.query(std::move(job)); }

Task<std::optional<Client>> ClientStore::find(Id<Client> id) {
  auto const rows = co_await database_.query(find_sql, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read(rows.front());
}

Task<std::optional<Client>> ClientStore::find_by_gateway_id(std::string gateway_id) {
  auto const rows = co_await database_.query(find_by_gateway_id_sql, gateway_id);
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

Task<> ClientStore::remove(Id<Client> id, Time now, db::Call enqueue) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(remove_sql, id, now));
  calls.push_back(std::move(enqueue));
  co_await database_.batch(std::move(calls));
}

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

Task<bool> ClientStore::want_change(Id<Client> id, ClientChange change, Time now, db::Call enqueue) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(want_change_sql, id, change.id, change.email, change.name, now));
  calls.push_back(std::move(enqueue));
  auto const results = co_await database_.batch(std::move(calls));
  co_return !results.front().empty();
}

Task<std::optional<ClientChange>> ClientStore::lease_change(Id<Client> id, Time now, Time leased_until) {
  auto const rows = co_await database_.query(lease_change_sql, id, now, leased_until);
  co_return rows.empty() ? std::nullopt : read_change(rows.front(), 0);
}

Task<bool> ClientStore::settle_change(Id<Client> id, Uuid change, Time now) {
  return end_change(settle_change_sql, id, change, now);
}

Task<bool> ClientStore::discard_change(Id<Client> id, Uuid change, Time now) {
  return end_change(discard_change_sql, id, change, now);
}

Task<bool> ClientStore::end_change(db::Statement const& statement, Id<Client> id, Uuid change, Time now) {
  auto const rows = co_await database_.query(statement, id, change, now);
  if (!rows.empty()) co_return true;
  co_await release_change(id);
  co_return false;
}

Task<> ClientStore::release_change(Id<Client> id) { co_await database_.query(release_change_sql, id); }

Task<bool> ClientStore::mirror(Id<Client> id, std::int64_t revision, std::string email, std::string name, Time now) {
  auto const rows = co_await database_.query(mirror_sql, id, revision, email, name, now);
  co_return !rows.empty();
}

}  // namespace balcao::payments

#include "sandbox/customers/store.hpp"

#include "platform/json/parse.hpp"

namespace balcao::sandbox::customers {
namespace {

constexpr db::Statement find_customer{
    "sandbox_find_customer",
    "SELECT id, created_at, deleted, version, resource, tax_ids FROM sandbox.customers WHERE id = $1"};

constexpr db::Statement older_customers{
    "sandbox_older_customers",
    "SELECT id, created_at, deleted, version, resource, tax_ids FROM sandbox.customers "
    "WHERE deleted = $1 AND created_at >= $2 AND created_at < $3 AND (created_at, id) < ($4, $5) "
    "ORDER BY created_at DESC, id DESC LIMIT $6"};

constexpr db::Statement newer_customers{
    "sandbox_newer_customers",
    "SELECT id, created_at, deleted, version, resource, tax_ids FROM sandbox.customers "
    "WHERE deleted = $1 AND created_at >= $2 AND created_at < $3 AND (created_at, id) > ($4, $5) "
    "ORDER BY created_at, id LIMIT $6"};

constexpr db::Statement older_with_email{
    "sandbox_older_with_email",
    "SELECT id, created_at, deleted, version, resource, tax_ids FROM sandbox.customers "
    "WHERE deleted = $1 AND created_at >= $2 AND created_at < $3 AND (created_at, id) < ($4, $5) AND email = $7 "
    "ORDER BY created_at DESC, id DESC LIMIT $6"};

constexpr db::Statement newer_with_email{
    "sandbox_newer_with_email",
    "SELECT id, created_at, deleted, version, resource, tax_ids FROM sandbox.customers "
    "WHERE deleted = $1 AND created_at >= $2 AND created_at < $3 AND (created_at, id) > ($4, $5) AND email = $7 "
    "ORDER BY created_at, id LIMIT $6"};

constexpr db::Statement insert_customer{
    "sandbox_insert_customer",
    "INSERT INTO sandbox.customers (id, created_at, deleted, version, resource, tax_ids, email) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)"};

// Another version makes it NULL, which the column refuses: the whole batch fails, the answer that it would keep
// included.
constexpr db::Statement update_customer{
    "sandbox_update_customer",
    "UPDATE sandbox.customers SET version = CASE WHEN version = $2 THEN version + 1 END, "
    "deleted = $3, resource = $4, tax_ids = $5, email = $6 WHERE id = $1"};

Customer read(db::Row const& row) {
  return {row.get<std::string>(0),
          row.get<Time>(1),
          row.get<bool>(2),
          row.get<std::int64_t>(3),
          json::parse(row.get<std::string>(4)).value().as_object(),
          json::parse(row.get<std::string>(5)).value().as_array()};
}

std::vector<Customer> read(db::Rows const& rows) {
  std::vector<Customer> customers;
  for (auto const& row : rows) customers.push_back(read(row));
  return customers;
}

std::optional<std::string> email_of(Customer const& customer) {
  auto const* email = customer.resource.if_contains("email");
  return email && email->is_string() ? std::optional(std::string(email->get_string())) : std::nullopt;
}

}  // namespace

Task<std::optional<Customer>> Store::find(std::string id) {
  auto const rows = co_await database_.query(find_customer, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read(rows.front());
}

Task<std::vector<Customer>> Store::older(Filter filter, Position place, std::size_t count) {
  auto const& [from, until] = filter.created;
  if (!filter.email) {
    co_return read(co_await database_.query(older_customers, false, from, until, place.created_at, place.id, count));
  }
  co_return read(
      co_await database_.query(older_with_email, false, from, until, place.created_at, place.id, count, *filter.email));
}

Task<std::vector<Customer>> Store::newer(Filter filter, Position place, std::size_t count) {
  auto const& [from, until] = filter.created;
  if (!filter.email) {
    co_return read(co_await database_.query(newer_customers, false, from, until, place.created_at, place.id, count));
  }
  co_return read(
      co_await database_.query(newer_with_email, false, from, until, place.created_at, place.id, count, *filter.email));
}

db::Call Store::insert(Customer const& customer) {
  return db::call(insert_customer, customer.id, customer.created_at, customer.deleted, customer.version,
                  json::to_text(customer.resource), json::to_text(customer.tax_ids), email_of(customer));
}

db::Call Store::update(Customer const& customer) {
  return db::call(update_customer, customer.id, customer.version, customer.deleted, json::to_text(customer.resource),
                  json::to_text(customer.tax_ids), email_of(customer));
}

}  // namespace balcao::sandbox::customers

#include "sandbox/customers/customers.hpp"

#include <algorithm>

#include "platform/crypto/hash.hpp"
#include "sandbox/customers/resource.hpp"
#include "sandbox/transport/object_id.hpp"
#include "sandbox/transport/search.hpp"

namespace balcao::sandbox::customers {
namespace {

constexpr std::string_view list_url = "/v1/customers";
constexpr std::string_view search_url = "/v1/customers/search";
constexpr std::size_t search_step = 100;

/// Of what can be expanded only the tax ids are kept here; the others stay the ids, or the nothing, that they are.
struct Expansion {
  bool tax_ids;
};

Expansion read_expansion(Parameters& parameters, bool of_list = false) {
  auto const names = read_expand(
      parameters,
      {"cash_balance", "default_source", "discount", "invoice_credit_balance",
       "invoice_settings.default_payment_method", "sources", "subscriptions", "tax", "tax_ids", "test_clock"},
      of_list);
  return {std::ranges::find(names, "tax_ids") != names.end()};
}

json::Object present(Customer customer, Expansion expansion) {
  if (expansion.tax_ids && !customer.deleted) {
    auto const url = std::string(list_url) + "/" + customer.id + "/tax_ids";
    customer.resource["tax_ids"] = list_body(url, std::move(customer.tax_ids), false);
  }
  return std::move(customer.resource);
}

json::Array present(std::vector<Customer> customers, Expansion expansion) {
  json::Array data;
  for (auto& customer : customers) data.emplace_back(present(std::move(customer), expansion));
  return data;
}

}  // namespace

Operations Customers::operations() {
  using http::Method;
  return {
      {Method::post, "/v1/customers", [this](ApiCall call) { return create(std::move(call)); }},
      {Method::get, "/v1/customers", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/customers/search", [this](ApiCall call) { return search(std::move(call)); }},
      {Method::get, "/v1/customers/{customer}", [this](ApiCall call) { return retrieve(std::move(call)); }},
      {Method::post, "/v1/customers/{customer}", [this](ApiCall call) { return update(std::move(call)); }},
      {Method::del, "/v1/customers/{customer}", [this](ApiCall call) { return remove(std::move(call)); }},
  };
}

Task<Outcome> Customers::create(ApiCall call) {
  Customer customer{.id = new_object_id("cus_"), .created_at = call.now};
  customer.resource = blank_resource(customer.id, call.now);
  apply(call.parameters, customer.resource);
  customer.tax_ids = read_tax_ids(call.parameters, customer.id, call.now);
  auto const expansion = read_expansion(call.parameters);
  call.parameters.refuse_unknown();

  std::vector<db::Call> effects{Store::insert(customer)};
  std::vector<NewEvent> events{{"customer.created", customer.resource}};
  co_return Outcome::ok(present(std::move(customer), expansion), std::move(effects), std::move(events));
}

Task<Outcome> Customers::retrieve(ApiCall call) {
  auto const expansion = read_expansion(call.parameters);
  call.parameters.refuse_unknown();
  auto customer = co_await store_.find(call.ids.front());
  if (!customer) co_return Outcome::failed(ApiError::missing("customer", call.ids.front()));
  co_return Outcome::ok(present(std::move(*customer), expansion));
}

Task<Outcome> Customers::update(ApiCall call) {
  auto customer = co_await store_.find(call.ids.front());
  bool const missing = !customer || customer->deleted;
  auto changed = missing ? blank_resource(call.ids.front(), call.now) : customer->resource;
  apply(call.parameters, changed);  // also for a missing one: bad parameters are refused before execution begins
  auto const expansion = read_expansion(call.parameters);
  call.parameters.refuse_unknown();
  if (missing) co_return Outcome::failed(ApiError::missing("customer", call.ids.front()));

  auto const before = std::exchange(customer->resource, std::move(changed));
  std::vector<db::Call> effects{Store::update(*customer)};
  std::vector<NewEvent> events{
      {"customer.updated", customer->resource, previous_attributes(before, customer->resource)}};
  co_return Outcome::ok(present(std::move(*customer), expansion), std::move(effects), std::move(events));
}

Task<Outcome> Customers::remove(ApiCall call) {
  call.parameters.refuse_unknown();
  auto customer = co_await store_.find(call.ids.front());
  if (!customer || customer->deleted) co_return Outcome::failed(ApiError::missing("customer", call.ids.front()));

  std::vector<NewEvent> events{{"customer.deleted", customer->resource}};
  customer->deleted = true;
  customer->resource = deleted_resource(customer->id);
  customer->tax_ids.clear();
  std::vector<db::Call> effects{Store::update(*customer)};
  co_return Outcome::ok(customer->resource, std::move(effects), std::move(events));
}

Task<Position> Customers::place_of(std::string parameter, std::string id) {
  auto const customer = co_await store_.find(id);
  if (!customer) throw ApiError::invalid("No such customer: '" + id + "'", std::move(parameter), "resource_missing");
  co_return Position{customer->created_at, customer->id};
}

Task<Outcome> Customers::list(ApiCall call) {
  auto const page = read_page(call.parameters);
  Filter const filter{call.parameters.given("email", 512), read_created(call.parameters)};
  auto const expansion = read_expansion(call.parameters, true);
  call.parameters.refuse_unknown();

  std::vector<Customer> customers;
  if (page.ending_before) {
    auto const place = co_await place_of("ending_before", *page.ending_before);
    customers = co_await store_.newer(filter, place, page.limit + 1);
  } else {
    auto place = newest_position();
    if (page.starting_after) place = co_await place_of("starting_after", *page.starting_after);
    customers = co_await store_.older(filter, place, page.limit + 1);
  }
  bool const has_more = customers.size() > page.limit;
  if (has_more) customers.pop_back();
  if (page.ending_before) std::ranges::reverse(customers);
  co_return Outcome::ok(list_body(list_url, present(std::move(customers), expansion), has_more));
}

/// Looks through the customers newest first: what is searched for may be in any of their fields.
Task<Outcome> Customers::search(ApiCall call) {
  static Searchable const searchable{"customers", {"phone"}, {"email", "name"}};
  auto const clauses = parse_query(call.parameters.required_text("query"), searchable);
  auto const limit = read_limit(call.parameters);
  auto place = newest_position();
  auto const page = call.parameters.given("page");
  auto const expansion = read_expansion(call.parameters, true);
  call.parameters.refuse_unknown();
  if (page) place = co_await place_of("page", crypto::from_base64url(*page).value_or(""));

  Filter const all{{}, {oldest_position().created_at, newest_position().created_at}};
  std::vector<Customer> found;
  for (std::size_t read = search_step; read == search_step && found.size() <= limit;) {
    auto customers = co_await store_.older(all, place, search_step);
    read = customers.size();
    if (read > 0) place = {customers.back().created_at, customers.back().id};
    for (auto& customer : customers) {
      if (found.size() <= limit && matches(clauses, customer.resource)) found.push_back(std::move(customer));
    }
  }
  bool const has_more = found.size() > limit;
  if (has_more) found.pop_back();
  json::Value next_page = nullptr;
  if (has_more) next_page = crypto::to_base64url(found.back().id);
  co_return Outcome::ok(search_body(search_url, present(std::move(found), expansion), has_more, std::move(next_page)));
}

}  // namespace balcao::sandbox::customers

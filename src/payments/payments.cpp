#include "payments/payments.hpp"

#include <algorithm>
#include <iterator>

#include "payments/routes.hpp"

namespace balcao::payments {

Service::Service(db::Database& database, Gateway& gateway, Clock const& clock)
    : store_(database), jobs_(database, "payments", clock), clients_(store_, gateway, jobs_, clock) {}

http::Endpoints Service::endpoints() {
  auto all = contracts::endpoints(*this);
  std::ranges::move(client_endpoints(clients_), std::back_inserter(all));
  return all;
}

Task<> Service::ensure_customer(contracts::NewUser user) {
  co_await clients_.ensure_own(Id<Owner>{user.id}, std::move(user.username));
}

Task<> Service::forget_user(Uuid user) { co_await clients_.forget_own(Id<Owner>{user}); }

Task<contracts::Account> Service::account_of(Uuid user, http::Trace) {
  contracts::Account account;
  if (auto const client = co_await store_.find(own_client(Id<Owner>{user}))) {
    account.customer = contracts::Customer{client->id.uuid, std::string(to_string(client->status())),
                                           client->gateway_id, client->created_at};
  }
  co_return account;
}

}  // namespace balcao::payments

#include "payments/payments.hpp"

#include <algorithm>
#include <iterator>

#include "payments/routes.hpp"
#include "platform/card_number.hpp"

namespace balcao::payments {
namespace {

std::optional<Problem> refuse_card_number(json::Value const& document) {
  if (!holds_card_number(document)) return std::nullopt;
  return Problem(problems::card_number_refused,
                 {"Something in it looks like a card's number. Cards are entered at the gateway, never here.",
                  "Algo nela parece o número de um cartão. Cartões são informados no gateway, nunca aqui."});
}

/// Whatever clients can say, and however it is written: no card number gets in.
void keep_card_numbers_out(http::Endpoint& endpoint) {
  if (endpoint.access.is(http::Access::service)) return;
  endpoint.screen = refuse_card_number;
  bool const has_body = endpoint.method != http::Method::get && endpoint.method != http::Method::del;
  if (has_body) endpoint.about.problems.push_back(&problems::card_number_refused);
}

}  // namespace

Service::Service(db::Database& database, Gateway& gateway, Clock const& clock)
    : store_(database), jobs_(database, "payments", clock), clients_(store_, gateway, jobs_, clock) {}

http::Endpoints Service::endpoints() {
  auto all = contracts::endpoints(*this);
  std::ranges::move(client_endpoints(clients_), std::back_inserter(all));
  std::ranges::for_each(all, keep_card_numbers_out);
  return all;
}

Task<> Service::ensure_customer(contracts::NewUser user) {
  co_await clients_.ensure_own(Id<Owner>{user.id}, std::move(user.username));
}

Task<> Service::forget_user(Uuid user) { co_await clients_.forget_own(Id<Owner>{user}); }

Task<contracts::Account> Service::account_of(Uuid user, http::Trace) {
  contracts::Account account;
  auto const client = co_await store_.find(own_client(Id<Owner>{user}));
  if (client && !client->deleted) {
    account.customer = contracts::Customer{client->id.uuid, std::string(to_string(client->status())),
                                           client->gateway_id, client->created_at};
  }
  co_return account;
}

}  // namespace balcao::payments

#include "sandbox/balance/balance.hpp"

namespace balcao::sandbox::balance {
namespace {

std::string const kind = "balance_transaction";
std::vector<std::string_view> const expandable{"source"};

json::Object amount_of(std::string_view currency, std::int64_t amount) {
  return {{"amount", amount}, {"currency", currency}, {"source_types", {{"card", amount}}}};
}

}  // namespace

Operations Balance::operations() {
  using http::Method;
  return {
      {Method::get, "/v1/balance", [this](ApiCall call) { return balance(std::move(call)); }},
      {Method::get, "/v1/balance_transactions", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/balance_transactions/{transaction}",
       [this](ApiCall call) { return retrieve(std::move(call)); }},
  };
}

Task<Outcome> Balance::balance(ApiCall call) {
  auto const names = read_expand(call.parameters, {}, false);
  call.parameters.refuse_unknown();
  auto holdings = co_await reading_.store().holdings();
  if (holdings.empty()) holdings.push_back({"brl", 0});
  json::Array available;
  json::Array pending;
  for (auto const& holding : holdings) {
    available.emplace_back(amount_of(holding.currency, holding.net));
    pending.emplace_back(amount_of(holding.currency, 0));
  }
  co_return Outcome::ok(json::Object{{"object", "balance"},
                                     {"available", std::move(available)},
                                     {"livemode", false},
                                     {"pending", std::move(pending)}});
}

Task<Outcome> Balance::retrieve(ApiCall call) {
  return reading_.retrieve(std::move(call), kind, "balance transaction", expandable);
}

Task<Outcome> Balance::list(ApiCall call) {
  objects::Filter filter{.kind = kind, .created = read_created(call.parameters)};
  filter.source = call.parameters.given("source");
  filter.type = call.parameters.given("type");
  filter.currency = call.parameters.given("currency");
  return reading_.list(std::move(call), std::move(filter), "/v1/balance_transactions", expandable);
}

}  // namespace balcao::sandbox::balance

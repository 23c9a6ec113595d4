#include "auth/routes.hpp"

#include <algorithm>
#include <iterator>

#include "auth/auth.hpp"

namespace balcao::auth {
namespace {

Task<http::Response> publish_keys(Service& auth) {
  co_return http::Response{
      200, "application/jwk-set+json", {{"Cache-Control", "public, max-age=300"}}, auth.keys().published()->keys};
}

}  // namespace

http::Endpoints Service::endpoints() {
  http::Endpoints all{
      http::endpoint(http::Method::get, contracts::key_set_path, http::Access::anyone,
                     {"Auth", "jwks", "The public keys that tokens are checked with (RFC 7517)"}, *this, publish_keys),
  };
  auto const add = [&all](http::Endpoints some) { std::ranges::move(some, std::back_inserter(all)); };
  add(account_endpoints(*this));
  add(session_endpoints(*this));
  add(administration_endpoints(*this));
  add(setup_endpoints(*this));
  add(service_account_endpoints(*this));
  add(oauth_endpoints(*this));
  add(second_factor_endpoints(*this));
  add(contracts::endpoints(*this));
  return all;
}

}  // namespace balcao::auth

#include "auth/routes.hpp"
#include "auth/auth.hpp"
#include "auth/extract.hpp"
#include "platform/fields.hpp"
#include "platform/http/paging.hpp"
#include "platform/json/describe.hpp"

namespace balcao::auth {
namespace {

using http::Access;
using http::Body;
using http::Created;
using http::Method;
using http::Ok;
using http::Path;

struct NewServiceAccount {
  Username name;
  std::vector<Scope> scopes;
};
BOOST_DESCRIBE_STRUCT(NewServiceAccount, (), (name, scopes))

struct ServiceAccountChange {
  std::vector<Scope> scopes;
};
BOOST_DESCRIBE_STRUCT(ServiceAccountChange, (), (scopes))

struct ServiceAccountQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<User>> cursor;
};
BOOST_DESCRIBE_STRUCT(ServiceAccountQuery, (), (limit, cursor))

struct ServiceAccountView {
  Id<User> client_id;
  std::string name;
  std::vector<std::string> scopes;
  bool disabled;
  Time created_at;
  Time secret_changed_at;
};
BOOST_DESCRIBE_STRUCT(ServiceAccountView, (), (client_id, name, scopes, disabled, created_at, secret_changed_at))

/// The secret is shown this once.
struct ServiceAccountSecretView {
  Id<User> client_id;
  std::string client_secret;
  std::string name;
  std::vector<std::string> scopes;
};
BOOST_DESCRIBE_STRUCT(ServiceAccountSecretView, (), (client_id, client_secret, name, scopes))

struct ServiceAccountList {
  std::vector<ServiceAccountView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(ServiceAccountList, (), (data, next_cursor, has_more))

ServiceAccountView view(ServiceAccount const& account) {
  return {account.id,       account.name,       split_scope(account.scope),
          account.disabled, account.created_at, account.secret_changed_at};
}

ServiceAccountSecretView view(WithSecret made) {
  return {made.account.id, std::move(made.secret), made.account.name, split_scope(made.account.scope)};
}

Task<Created<ServiceAccountSecretView>> create(Service& auth, Actor actor, Body<NewServiceAccount> body) {
  auto made = co_await auth.service_accounts().create(std::move(body.value.name), std::move(body.value.scopes),
                                                      std::move(actor));
  auto location = "/service-accounts/" + made.account.id.str();
  co_return Created<ServiceAccountSecretView>{view(std::move(made)), std::move(location)};
}

Task<http::Paged<ServiceAccountList>> list(Service& auth, http::Target target, http::Query<ServiceAccountQuery> query) {
  auto const limit = http::limit_of(query.value.limit);
  auto found = co_await auth.service_accounts().list(query.value.cursor, limit + 1);
  co_return http::page_of<ServiceAccountList>(std::move(found), limit, target,
                                              [](ServiceAccount const& account) { return view(account); });
}

Task<Ok<ServiceAccountView>> find(Service& auth, Path<"id", Id<User>> id) {
  co_return Ok<ServiceAccountView>{view(co_await auth.service_accounts().find(id.value))};
}

Task<Ok<ServiceAccountView>> change(Service& auth, Actor actor, Path<"id", Id<User>> id,
                                    Body<ServiceAccountChange> body) {
  co_return Ok<ServiceAccountView>{
      view(co_await auth.service_accounts().set_scopes(id.value, std::move(body.value.scopes), std::move(actor)))};
}

Task<Ok<ServiceAccountSecretView>> change_secret(Service& auth, Actor actor, Path<"id", Id<User>> id) {
  co_return Ok<ServiceAccountSecretView>{view(co_await auth.service_accounts().new_secret(id.value, std::move(actor)))};
}

}  // namespace

http::Endpoints service_account_endpoints(Service& auth) {
  auto const tag = "Administration";
  constexpr std::string_view all = "/service-accounts";
  constexpr std::string_view one = "/service-accounts/{id}";
  return {
      http::endpoint(Method::get, all, Access::administrator,
                     {tag, "listServiceAccounts", "The programs that have an account"}, auth, list),
      http::endpoint(Method::post, all, Access::administrator,
                     {tag,
                      "createServiceAccount",
                      "Make an account for a program; its secret is shown this once",
                      {&problems::username_taken}},
                     auth, create),
      http::endpoint(Method::get, one, Access::administrator, {tag, "getServiceAccount", "One service account"}, auth,
                     find),
      http::endpoint(Method::patch, one, Access::administrator,
                     {tag, "updateServiceAccount", "Change its scopes; its tokens end"}, auth, change),
      http::endpoint(
          Method::post, "/service-accounts/{id}/secret", Access::administrator,
          {tag, "changeServiceAccountSecret", "A new secret, shown this once; the old one and the tokens end"}, auth,
          change_secret),
  };
}

}  // namespace balcao::auth

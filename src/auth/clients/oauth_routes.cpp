#include "access/guard.hpp"
#include "access/scopes.hpp"
#include "auth/auth.hpp"
#include "auth/clients/token_state.hpp"
#include "auth/extract.hpp"
#include "auth/routes.hpp"
#include "platform/http/oauth.hpp"
#include "platform/json/describe.hpp"
#include "platform/json/parse.hpp"

namespace balcao::auth {
namespace {

using http::Access;
using http::Method;
using http::Ok;
using http::oauth::Answer;
using http::oauth::Basic;
using http::oauth::Done;
using http::oauth::Error;
using http::oauth::Form;
using OptionalText = std::optional<std::string>;

constexpr std::string_view token_path = "/token";
constexpr std::string_view introspection_path = "/introspect";
constexpr std::string_view revocation_path = "/revoke";
constexpr std::string_view client_credentials_grant = "client_credentials";

struct TokenRequest {
  OptionalText grant_type;
  OptionalText scope;
  OptionalText client_id;
  OptionalText client_secret;
};
BOOST_DESCRIBE_STRUCT(TokenRequest, (), (grant_type, scope, client_id, client_secret))

/// For introspection and revocation alike. The hint only says where to look first (RFC 7009 §2.1).
struct AboutToken {
  OptionalText token;
  OptionalText token_type_hint;
  OptionalText client_id;
  OptionalText client_secret;
};
BOOST_DESCRIBE_STRUCT(AboutToken, (), (token, token_type_hint, client_id, client_secret))

struct ServiceTokenView {
  std::string access_token;
  std::string token_type;
  std::int64_t expires_in;
  std::string scope;
};
BOOST_DESCRIBE_STRUCT(ServiceTokenView, (), (access_token, token_type, expires_in, scope))

/// Whom the credentials prove.
Task<Answer<ClientState>> authenticate(Service& auth, Basic const& basic, OptionalText const& id,
                                       OptionalText const& secret, Origin origin) {
  auto credentials = http::oauth::client_credentials(basic, id, secret);
  if (!credentials) co_return std::unexpected(credentials.error());
  auto client = co_await auth.service_accounts().authenticate(std::move(credentials->id),
                                                              std::move(credentials->secret), std::move(origin));
  if (!client) co_return std::unexpected(http::oauth::invalid_client("The client or its secret is not known."));
  co_return std::move(*client);
}

Task<Answer<Ok<ServiceTokenView>>> token(Service& auth, Form<TokenRequest> form, Basic basic, Origin origin) {
  if (!form.parameters) co_return std::unexpected(form.parameters.error());
  auto& [grant_type, scope, client_id, client_secret] = *form.parameters;
  auto const client = co_await authenticate(auth, basic, client_id, client_secret, origin);
  if (!client) co_return std::unexpected(client.error());
  if (!grant_type) co_return std::unexpected(http::oauth::invalid_request("grant_type is missing."));
  if (*grant_type != client_credentials_grant) {
    co_return std::unexpected(Error{"unsupported_grant_type", "The only grant is client_credentials."});
  }
  auto granted = co_await auth.client_tokens().grant(*client, std::move(scope), origin);
  if (!granted) co_return std::unexpected(Error{"invalid_scope", "The account has not all of these scopes."});
  co_return Ok<ServiceTokenView>{
      {std::move(granted->access_token), "Bearer", granted->expires_in.count(), std::move(granted->scope)}};
}

/// Whether this is an access token of someone who may ask about tokens: a service account or an administrator.
Task<bool> may_introspect(Service& auth, std::string bearer) {
  auto const live = co_await auth.client_tokens().introspect(std::move(bearer));
  co_return live && live->token_type == "Bearer" &&
      (live->role == access::role_service || live->role == access::role_admin);
}

Task<Answer<Ok<TokenState>>> introspect(Service& auth, Form<AboutToken> form, Basic basic, http::BearerToken bearer,
                                        Origin origin) {
  if (!form.parameters) co_return std::unexpected(form.parameters.error());
  auto& [token, hint, client_id, client_secret] = *form.parameters;
  if (bearer.value) {
    // RFC 7662 §2.3 wants 401 for a token that is not enough, too.
    if (!co_await may_introspect(auth, *bearer.value)) throw access::unauthorized("invalid_token");
  } else {
    auto const client = co_await authenticate(auth, basic, client_id, client_secret, origin);
    if (!client) co_return std::unexpected(client.error());
  }
  if (!token) co_return std::unexpected(http::oauth::invalid_request("token is missing."));
  co_return Ok<TokenState>{{co_await auth.client_tokens().introspect(std::move(*token))}};
}

Task<Answer<Done>> revoke(Service& auth, Form<AboutToken> form, Basic basic, Origin origin) {
  if (!form.parameters) co_return std::unexpected(form.parameters.error());
  auto& [token, hint, client_id, client_secret] = *form.parameters;
  auto const client = co_await authenticate(auth, basic, client_id, client_secret, origin);
  if (!client) co_return std::unexpected(client.error());
  if (!token) co_return std::unexpected(http::oauth::invalid_request("token is missing."));
  auto const outcome = co_await auth.client_tokens().revoke(client->account.id, std::move(*token), origin);
  if (outcome == Revocation::of_another_client) {
    co_return std::unexpected(Error{"unauthorized_client", "The token was not issued to this client."});
  }
  co_return Done{};
}

/// RFC 8414 §2. What an endpoint's address is made from is the issuer.
Task<http::Response> metadata(Service& auth) {
  auto const& issuer = auth.issuer();
  auto const at = [&issuer](std::string_view path) { return issuer + std::string(path); };
  json::Array scopes;
  for (auto const name : access::scopes::all) scopes.emplace_back(name);
  json::Array const by_secret{"client_secret_basic", "client_secret_post"};
  json::Array const by_secret_or_token{"client_secret_basic", "client_secret_post", "Bearer"};
  json::Value const document{{"issuer", issuer},
                             {"token_endpoint", at(token_path)},
                             {"jwks_uri", at(contracts::key_set_path)},
                             {"introspection_endpoint", at(introspection_path)},
                             {"revocation_endpoint", at(revocation_path)},
                             {"grant_types_supported", json::Array{client_credentials_grant}},
                             {"response_types_supported", json::Array{}},
                             {"token_endpoint_auth_methods_supported", by_secret},
                             {"introspection_endpoint_auth_methods_supported", by_secret_or_token},
                             {"revocation_endpoint_auth_methods_supported", by_secret},
                             {"scopes_supported", std::move(scopes)},
                             {"service_documentation", at("/openapi.json")}};
  co_return http::Response{
      200, "application/json", {{"Cache-Control", "public, max-age=300"}}, json::to_text(document)};
}

}  // namespace

http::Endpoints oauth_endpoints(Service& auth) {
  auto const tag = "OAuth";
  auto const& too_many = balcao::problems::too_many_requests;
  return {
      http::endpoint(Method::post, token_path, Access::anyone,
                     {tag, "token", "A token for a service account (RFC 6749 §4.4)", {&too_many}}, auth, token),
      http::endpoint(Method::post, introspection_path, Access::anyone,
                     {tag,
                      "introspect",
                      "Whether a token lives, and whose it is (RFC 7662); for service accounts and administrators",
                      {&too_many}},
                     auth, introspect),
      http::endpoint(Method::post, revocation_path, Access::anyone,
                     {tag, "revoke", "End a token of one's own (RFC 7009); for service accounts", {&too_many}}, auth,
                     revoke),
      http::endpoint(Method::get, "/.well-known/oauth-authorization-server", Access::anyone,
                     {tag, "oauthMetadata", "Where OAuth's endpoints are, and what they can do (RFC 8414)"}, auth,
                     metadata),
  };
}

}  // namespace balcao::auth

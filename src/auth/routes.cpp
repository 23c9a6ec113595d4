#include "auth/auth.hpp"
#include "platform/json/describe.hpp"

namespace balcao::auth {
namespace {

using http::Access;
using http::Body;
using http::Caller;
using http::Created;
using http::Header;
using http::Method;
using http::NoContent;
using http::Ok;
using http::Peer;

struct RegisterRequest {
  Username username;
  NewPassword password;
};
BOOST_DESCRIBE_STRUCT(RegisterRequest, (), (username, password))

/// Text that is compared, never stored: a name or a password that cannot be is simply wrong.
struct LoginRequest {
  std::string username;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(LoginRequest, (), (username, password))

/// The original documentation spells it `Token`.
struct LogoutRequest {
  std::optional<std::string> Token;
  std::optional<std::string> token;
};
BOOST_DESCRIBE_STRUCT(LogoutRequest, (), (Token, token))

struct RefreshRequest {
  std::string refresh_token;
};
BOOST_DESCRIBE_STRUCT(RefreshRequest, (), (refresh_token))

struct UserView {
  Id<User> id;
  std::string username;
  std::string role;
  Time created_at;
};
BOOST_DESCRIBE_STRUCT(UserView, (), (id, username, role, created_at))

struct TokensView {
  std::string access_token;
  std::string token_type;
  std::int64_t expires_in;
  std::string refresh_token;
  std::int64_t refresh_expires_in;
  Id<Session> session_id;
};
BOOST_DESCRIBE_STRUCT(TokensView, (),
                      (access_token, token_type, expires_in, refresh_token, refresh_expires_in, session_id))

UserView view(User const& user) { return {user.id, user.username, std::string(to_string(user.role)), user.created_at}; }

TokensView view(Tokens tokens) {
  return {std::move(tokens.access_token),    "Bearer",      tokens.expires_in.count(), std::move(tokens.refresh_token),
          tokens.refresh_expires_in.count(), tokens.session};
}

Task<Created<UserView>> register_user(Service& auth, Body<RegisterRequest> body) {
  auto const user = co_await auth.accounts.register_user(body.value.username, body.value.password);
  co_return Created<UserView>{view(user), "/me"};
}

Task<Ok<TokensView>> login(Service& auth, Body<LoginRequest> body, Peer peer, Header<"User-Agent"> user_agent) {
  auto const user = co_await auth.accounts.authenticate(body.value.username, body.value.password, peer.address);
  co_return Ok<TokensView>{view(co_await auth.sessions.open(user, peer.address, user_agent.value.value_or("")))};
}

Task<Ok<TokensView>> refresh(Service& auth, Body<RefreshRequest> body) {
  co_return Ok<TokensView>{view(co_await auth.sessions.refresh(body.value.refresh_token))};
}

Task<NoContent> logout(Service& auth, http::OptionalBody<LogoutRequest> body, http::BearerToken bearer) {
  auto token = body.value ? body.value->Token : std::nullopt;
  if (!token && body.value) token = body.value->token;
  if (!token) token = bearer.value;
  if (!token) {
    throw Problem(balcao::problems::invalid_fields)
        .with_faults({{"/Token",
                       {"It is required, here or as `Authorization: Bearer …`.",
                        "É obrigatório, aqui ou como `Authorization: Bearer …`."}}});
  }
  co_await auth.sessions.close(*token);
  co_return NoContent{};
}

Task<Ok<UserView>> me(Service& auth, Caller caller) {
  co_return Ok<UserView>{view(co_await auth.accounts.find(Id<User>{caller.user}))};
}

Task<http::Response> key_set(Service& auth) {
  co_return http::Response{200, "application/jwk-set+json", {{"Cache-Control", "public, max-age=300"}}, auth.jwks};
}

}  // namespace

http::Endpoints endpoints(Service& service) {
  auto const tag = "Auth";
  return {
      http::endpoint(Method::post, "/register", Access::anyone,
                     {tag, "register", "Create a user", {&problems::username_taken}}, service, register_user),
      http::endpoint(Method::post, "/login", Access::anyone,
                     {tag,
                      "login",
                      "Log in and get tokens",
                      {&problems::invalid_credentials, &balcao::problems::too_many_requests}},
                     service, login),
      http::endpoint(Method::post, "/refresh", Access::anyone,
                     {tag, "refresh", "Exchange a refresh token for new tokens", {&problems::invalid_token}}, service,
                     refresh),
      http::endpoint(Method::post, "/logout", Access::anyone,
                     {tag, "logout", "End the session of a token", {&problems::invalid_token}}, service, logout),
      http::endpoint(Method::get, "/me", Access::user, {tag, "me", "Who I am"}, service, me),
      http::endpoint(Method::get, "/.well-known/jwks.json", Access::anyone,
                     {tag, "jwks", "The public keys that tokens are checked with (RFC 7517)"}, service, key_set),
  };
}

}  // namespace balcao::auth

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
using http::Caller;
using http::Method;
using http::NoContent;
using http::Ok;
using http::Path;
using http::Query;

/// Text that is compared, never stored: a name or a password that cannot be is simply wrong.
struct LoginRequest {
  std::string username;
  std::string password;
  std::optional<std::string> code;  ///< of the second factor, or a recovery code
};
BOOST_DESCRIBE_STRUCT(LoginRequest, (), (username, password, code))

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

struct SessionView {
  Id<Session> id;
  bool current;  ///< the one that asks
  std::string address;
  std::string user_agent;
  Time created_at;
  Time last_used_at;
  Time expires_at;
};
BOOST_DESCRIBE_STRUCT(SessionView, (), (id, current, address, user_agent, created_at, last_used_at, expires_at))

struct SessionList {
  std::vector<SessionView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(SessionList, (), (data, next_cursor, has_more))

struct SessionListQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<Session>> cursor;
};
BOOST_DESCRIBE_STRUCT(SessionListQuery, (), (limit, cursor))

TokensView view(Tokens tokens) {
  return {std::move(tokens.access_token),    "Bearer",      tokens.expires_in.count(), std::move(tokens.refresh_token),
          tokens.refresh_expires_in.count(), tokens.session};
}

Task<Ok<TokensView>> login(Service& auth, Body<LoginRequest> body, Origin origin) {
  auto tokens = co_await auth.login().log_in(body.value.username, body.value.password, std::move(origin),
                                             std::move(body.value.code));
  co_return Ok<TokensView>{view(std::move(tokens))};
}

Task<Ok<TokensView>> refresh(Service& auth, Body<RefreshRequest> body, Origin origin) {
  co_return Ok<TokensView>{view(co_await auth.sessions().refresh(body.value.refresh_token, std::move(origin)))};
}

Task<NoContent> logout(Service& auth, http::OptionalBody<LogoutRequest> body, http::BearerToken bearer, Origin origin) {
  auto token = body.value ? body.value->Token : std::nullopt;
  if (!token && body.value) token = body.value->token;
  if (!token) token = bearer.value;
  if (!token) {
    throw Problem(balcao::problems::invalid_fields)
        .with_faults({{"/Token",
                       {"It is required, here or as `Authorization: Bearer …`.",
                        "É obrigatório, aqui ou como `Authorization: Bearer …`."}}});
  }
  co_await auth.sessions().close(*token, std::move(origin));
  co_return NoContent{};
}

Task<http::Paged<SessionList>> list(Service& auth, Caller caller, http::Target target, Query<SessionListQuery> query) {
  auto const limit = http::limit_of(query.value.limit);
  auto const show = [&caller](OpenSession const& open) -> SessionView {
    return {open.id,
            open.id.uuid == caller.session,
            open.origin.address,
            open.origin.user_agent,
            open.created_at,
            open.last_used_at,
            open.expires_at};
  };
  auto open = co_await auth.sessions().list(Id<User>{caller.user}, query.value.cursor, limit + 1);
  co_return http::page_of<SessionList>(std::move(open), limit, target, show);
}

Task<NoContent> end_one(Service& auth, Caller caller, Path<"id", Id<Session>> id, Origin origin) {
  co_await auth.sessions().end_own(Id<User>{caller.user}, id.value, std::move(origin));
  co_return NoContent{};
}

Task<NoContent> end_others(Service& auth, Caller caller, Actor actor) {
  co_await auth.sessions().end_all(actor, Id<User>{caller.user}, Id<Session>{caller.session});
  co_return NoContent{};
}

}  // namespace

http::Endpoints session_endpoints(Service& auth) {
  auto const tag = "Auth";
  return {
      http::endpoint(
          Method::post, "/login", Access::anyone,
          {tag,
           "login",
           "Log in and get tokens",
           {&problems::invalid_credentials, &problems::second_factor_required, &balcao::problems::too_many_requests}},
          auth, login),
      http::endpoint(Method::post, "/refresh", Access::anyone,
                     {tag, "refresh", "Exchange a refresh token for new tokens", {&problems::invalid_token}}, auth,
                     refresh),
      http::endpoint(Method::post, "/logout", Access::anyone,
                     {tag, "logout", "End the session of a token", {&problems::invalid_token}}, auth, logout),
      http::endpoint(Method::get, "/sessions", Access::user, {tag, "listSessions", "Where I am logged in"}, auth, list),
      http::endpoint(Method::del, "/sessions/{id}", Access::user, {tag, "endSession", "End one of my sessions"}, auth,
                     end_one),
      http::endpoint(Method::del, "/sessions", Access::user,
                     {tag, "endOtherSessions", "End my sessions, all but this one"}, auth, end_others),
  };
}

}  // namespace balcao::auth

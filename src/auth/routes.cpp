#include <algorithm>
#include <iterator>

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

struct CustomerView {
  Uuid id;
  std::string status;
  std::optional<std::string> gateway_id;
  Time created_at;
};
BOOST_DESCRIBE_STRUCT(CustomerView, (), (id, status, gateway_id, created_at))

struct PaymentView {
  Uuid id;
  std::int64_t amount;
  std::string currency;
  std::string status;
  Time created_at;
};
BOOST_DESCRIBE_STRUCT(PaymentView, (), (id, amount, currency, status, created_at))

/// The user with what Payments knows of him.
struct MeView {
  Id<User> id;
  std::string username;
  std::string role;
  Time created_at;
  std::optional<CustomerView> customer;
  std::optional<std::vector<PaymentView>> payments;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(MeView, (), (id, username, role, created_at, customer, payments, note))

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
  auto const user = co_await auth.accounts().register_user(body.value.username, body.value.password);
  co_return Created<UserView>{view(user), "/me"};
}

Task<Ok<TokensView>> login(Service& auth, Body<LoginRequest> body, Peer peer, Header<"User-Agent"> user_agent) {
  auto const user = co_await auth.accounts().authenticate(body.value.username, body.value.password, peer.address);
  co_return Ok<TokensView>{view(co_await auth.sessions().open(user, peer.address, user_agent.value.value_or("")))};
}

Task<Ok<TokensView>> refresh(Service& auth, Body<RefreshRequest> body) {
  co_return Ok<TokensView>{view(co_await auth.sessions().refresh(body.value.refresh_token))};
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
  co_await auth.sessions().close(*token);
  co_return NoContent{};
}

void add(contracts::Account account, MeView& me) {
  if (auto& own = account.customer) {
    me.customer = CustomerView{own->id, std::move(own->status), std::move(own->gateway_id), own->created_at};
  }
  me.payments.emplace();
  for (auto& payment : account.payments) {
    me.payments->push_back(
        {payment.id, payment.amount, std::move(payment.currency), std::move(payment.status), payment.created_at});
  }
}

Text const payments_away{"Payments cannot be reached right now: customer and payments are not shown.",
                         "Payments não está acessível neste momento: cliente e pagamentos não são mostrados."};

Task<Ok<MeView>> me(Service& auth, Caller caller, http::Asker asker) {
  auto const user = co_await auth.accounts().find(Id<User>{caller.user});
  MeView me{user.id, user.username, std::string(to_string(user.role)), user.created_at, {}, {}, {}};
  try {
    add(co_await auth.payments().account_of(caller.user, std::move(asker.trace)), me);
  } catch (Problem const&) {
    me.note = payments_away.in(asker.language);
  }
  co_return Ok<MeView>{std::move(me)};
}

Task<http::Response> publish_keys(Service& auth) {
  co_return http::Response{
      200, "application/jwk-set+json", {{"Cache-Control", "public, max-age=300"}}, co_await auth.key_set()};
}

}  // namespace

http::Endpoints Service::endpoints() {
  auto const tag = "Auth";
  http::Endpoints all{
      http::endpoint(Method::post, "/register", Access::anyone,
                     {tag, "register", "Create a user", {&problems::username_taken}}, *this, register_user),
      http::endpoint(Method::post, "/login", Access::anyone,
                     {tag,
                      "login",
                      "Log in and get tokens",
                      {&problems::invalid_credentials, &balcao::problems::too_many_requests}},
                     *this, login),
      http::endpoint(Method::post, "/refresh", Access::anyone,
                     {tag, "refresh", "Exchange a refresh token for new tokens", {&problems::invalid_token}}, *this,
                     refresh),
      http::endpoint(Method::post, "/logout", Access::anyone,
                     {tag, "logout", "End the session of a token", {&problems::invalid_token}}, *this, logout),
      http::endpoint(Method::get, "/me", Access::user, {tag, "me", "Who I am, with my customer and my payments"}, *this,
                     me),
      http::endpoint(Method::get, contracts::key_set_path, Access::anyone,
                     {tag, "jwks", "The public keys that tokens are checked with (RFC 7517)"}, *this, publish_keys),
  };
  std::ranges::move(contracts::endpoints(*this), std::back_inserter(all));
  return all;
}

}  // namespace balcao::auth

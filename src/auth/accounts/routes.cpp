#include "auth/routes.hpp"

#include "auth/auth.hpp"
#include "auth/extract.hpp"
#include "platform/json/describe.hpp"

namespace balcao::auth {
namespace {

using http::Access;
using http::Body;
using http::Caller;
using http::Created;
using http::Method;
using http::NoContent;
using http::Ok;

struct RegisterRequest {
  Username username;
  NewPassword password;
};
BOOST_DESCRIBE_STRUCT(RegisterRequest, (), (username, password))

struct PasswordRequest {
  std::string current_password;
  NewPassword new_password;
};
BOOST_DESCRIBE_STRUCT(PasswordRequest, (), (current_password, new_password))

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

Task<Created<UserView>> register_user(Service& auth, Body<RegisterRequest> body, Origin origin) {
  auto const user =
      co_await auth.registrations().register_user(body.value.username, body.value.password, std::move(origin));
  co_return Created<UserView>{{user.id, user.username, std::string(to_string(user.role)), user.created_at}, "/me"};
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

Task<NoContent> change_password(Service& auth, Caller caller, Body<PasswordRequest> body, Origin origin) {
  auto const user = co_await auth.accounts().find(Id<User>{caller.user});
  auto const proven = co_await auth.login().prove(user.username, body.value.current_password, origin);
  co_await auth.accounts().change_password(proven, body.value.new_password, "/new_password",
                                           Id<Session>{caller.session}, std::move(origin));
  co_return NoContent{};
}

Task<NoContent> erase(Service& auth, Actor actor) {
  co_await auth.accounts().erase(actor, *actor.user, auth.second_factors().erasure_of(*actor.user));
  co_return NoContent{};
}

}  // namespace

http::Endpoints account_endpoints(Service& auth) {
  auto const tag = "Auth";
  return {
      http::endpoint(
          Method::post, "/register", Access::anyone,
          {tag, "register", "Create a user", {&problems::username_taken, &balcao::problems::too_many_requests}}, auth,
          register_user),
      http::endpoint(Method::get, "/me", Access::user, {tag, "me", "Who I am, with my customer and my payments"}, auth,
                     me),
      http::endpoint(Method::put, "/me/password", Access::user,
                     {tag,
                      "changePassword",
                      "Change my password, which ends my other sessions",
                      {&problems::invalid_credentials, &balcao::problems::too_many_requests}},
                     auth, change_password),
      http::endpoint(Method::del, "/me", Access::user,
                     {tag,
                      "eraseMe",
                      "Erase all that is known of me and end my sessions; the books stay",
                      {&problems::last_administrator}},
                     auth, erase),
  };
}

}  // namespace balcao::auth

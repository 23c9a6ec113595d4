#include "auth/routes.hpp"
#include "auth/auth.hpp"
#include "auth/extract.hpp"
#include "platform/crypto/hash.hpp"
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

/// With the password, so that nobody who came by an access token can shut its owner out.
struct EnrolmentRequest {
  std::string current_password;
};
BOOST_DESCRIBE_STRUCT(EnrolmentRequest, (), (current_password))

/// Text that is compared, never stored: what cannot be a code is simply wrong.
struct CodeRequest {
  std::string code;
};
BOOST_DESCRIBE_STRUCT(CodeRequest, (), (code))

struct EnrolmentView {
  std::string secret;
  std::string otpauth_uri;
  std::string qr_code;
};
BOOST_DESCRIBE_STRUCT(EnrolmentView, (), (secret, otpauth_uri, qr_code))

struct RecoveryCodesView {
  std::vector<std::string> recovery_codes;
};
BOOST_DESCRIBE_STRUCT(RecoveryCodesView, (), (recovery_codes))

struct SecondFactorView {
  bool enabled;
  std::optional<Time> confirmed_at;
  std::int64_t recovery_codes_left;
};
BOOST_DESCRIBE_STRUCT(SecondFactorView, (), (enabled, confirmed_at, recovery_codes_left))

Id<User> user_of(Caller const& caller) { return {caller.user}; }

Task<Created<EnrolmentView>> begin(Service& auth, Caller caller, Body<EnrolmentRequest> body, Origin origin) {
  auto const user = co_await auth.accounts().find(user_of(caller));
  co_await auth.login().prove(user.username, std::move(body.value.current_password), std::move(origin));
  auto made = co_await auth.second_factors().begin(user.id);
  co_return Created<EnrolmentView>{{std::move(made.secret), std::move(made.otpauth_uri),
                                    "data:image/svg+xml;base64," + crypto::to_base64(made.qr_code)},
                                   "/me/second-factor"};
}

Task<Ok<RecoveryCodesView>> confirm(SecondFactors& factors, Actor actor, Body<CodeRequest> body) {
  co_return Ok<RecoveryCodesView>{{co_await factors.confirm(*actor.user, std::move(body.value.code), actor)}};
}

Task<Ok<SecondFactorView>> show(SecondFactors& factors, Caller caller) {
  auto const status = co_await factors.status(user_of(caller));
  co_return Ok<SecondFactorView>{{status.confirmed_at.has_value(), status.confirmed_at, status.recovery_codes_left}};
}

Task<Ok<RecoveryCodesView>> renew(SecondFactors& factors, Actor actor, Body<CodeRequest> body) {
  co_return Ok<RecoveryCodesView>{
      {co_await factors.renew_recovery_codes(*actor.user, std::move(body.value.code), actor)}};
}

Task<NoContent> remove(SecondFactors& factors, Actor actor, Body<CodeRequest> body) {
  co_await factors.remove(*actor.user, std::move(body.value.code), actor);
  co_return NoContent{};
}

Task<NoContent> reset(SecondFactors& factors, Actor actor, http::Path<"id", Id<User>> id) {
  co_await factors.reset(id.value, std::move(actor));
  co_return NoContent{};
}

}  // namespace

http::Endpoints second_factor_endpoints(Service& auth) {
  auto& factors = auth.second_factors();
  auto const tag = "Auth";
  auto const* const enrolled = &problems::second_factor_enrolled;
  auto const* const limited = &balcao::problems::too_many_requests;
  auto const* const none = &balcao::problems::not_found;
  return {
      http::endpoint(Method::get, "/me/second-factor", Access::user,
                     {tag, "getSecondFactor", "Whether a login asks me for a code"}, factors, show),
      http::endpoint(Method::post, "/me/second-factor", Access::user,
                     {tag,
                      "beginSecondFactor",
                      "Get a secret for an authenticator app; needs my password",
                      {enrolled, &problems::invalid_credentials, limited}},
                     auth, begin),
      http::endpoint(Method::post, "/me/second-factor/confirm", Access::user,
                     {tag,
                      "confirmSecondFactor",
                      "Enrol with a code of the app, and get recovery codes",
                      {none, enrolled, limited}},
                     factors, confirm),
      http::endpoint(Method::post, "/me/second-factor/recovery-codes", Access::user,
                     {tag, "renewRecoveryCodes", "Get new recovery codes; the old ones are void", {none, limited}},
                     factors, renew),
      http::endpoint(Method::del, "/me/second-factor", Access::user,
                     {tag, "removeSecondFactor", "Remove my second factor", {none, limited}}, factors, remove),
      http::endpoint(
          Method::del, "/users/{id}/second-factor", Access::administrator,
          {"Administration", "resetSecondFactor", "Remove the second factor of a user who has lost it", {none}},
          factors, reset),
  };
}

}  // namespace balcao::auth

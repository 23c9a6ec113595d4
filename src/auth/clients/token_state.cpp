#include "auth/clients/token_state.hpp"

#include "platform/json/parse.hpp"

namespace balcao::json {
namespace {

/// Every member by its public name, in the order of RFC 7662 §2.2; ours after them.
template <class Visit>
void each_member(auth::LiveToken const& live, Visit visit) {
  visit("scope", live.scope);
  visit("client_id", live.client_id);
  visit("username", live.username);
  visit("token_type", live.token_type);
  visit("exp", live.exp);
  visit("iat", live.iat);
  visit("sub", live.sub);
  visit("aud", live.aud);
  visit("iss", live.iss);
  visit("jti", live.jti);
  visit("sid", live.sid);
  visit("role", live.role);
}

}  // namespace

void Codec<auth::TokenState>::encode(auth::TokenState const& state, std::string& out) {
  Object said{{"active", state.live.has_value()}};
  if (state.live) {
    each_member(*state.live, [&said]<class T>(char const* name, T const& value) {
      if (value != T{}) said[name] = value;
    });
  }
  out += to_text(said);
}

Value Codec<auth::TokenState>::schema(Schemas& schemas) {
  Object properties{{"active", Object{{"type", "boolean"}}}};
  each_member({}, [&]<class T>(char const* name, T const&) { properties[name] = Codec<T>::schema(schemas); });
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", Array{"active"}}};
}

}  // namespace balcao::json

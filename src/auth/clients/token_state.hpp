#pragma once

#include "auth/clients/client_tokens.hpp"
#include "platform/json/codec.hpp"

namespace balcao::auth {

/// The answer of introspection (RFC 7662 §2.2): of a token that does not live, nothing but that; of one that does, what
/// there is to say, and no null.
struct TokenState {
  std::optional<LiveToken> live;
};

}  // namespace balcao::auth

namespace balcao::json {

template <>
struct Codec<auth::TokenState> {
  static void encode(auth::TokenState const& state, std::string& out);
  static Value schema(Schemas& schemas);
};

}  // namespace balcao::json

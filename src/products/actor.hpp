#pragma once

#include "platform/id.hpp"

namespace balcao::products {

/// A user of Auth, as Products knows him: the `sub` of his tokens.
struct Owner;

/// Who asks for something.
struct Actor {
  Id<Owner> id;
  bool administrator = false;
  bool program = false;  ///< a service account, which may act for many buyers
};

}  // namespace balcao::products

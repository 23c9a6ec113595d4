#pragma once

#include "payments/model.hpp"
#include "platform/http/guard.hpp"

namespace balcao::payments {

/// Who asks, as the guard knows him.
inline Actor actor(http::Caller const& caller) {
  return {Id<Owner>{caller.user}, caller.administrator, caller.service_account};
}

}  // namespace balcao::payments

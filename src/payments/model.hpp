#pragma once

#include "platform/id.hpp"
#include "platform/problem.hpp"

namespace balcao::payments {

/// A user of Auth, as Payments knows him: the `sub` of his tokens.
struct Owner;

/// An order of Products'.
struct Order;

/// Who asks.
struct Actor {
  Id<Owner> id;
  bool administrator = false;
  bool program = false;  ///< a service account, which may act for many customers
};

namespace problems {

inline constexpr ProblemType gateway_refused{422, "gateway_refused", "The payment gateway refused this",
                                             "O gateway de pagamento recusou isto"};
inline constexpr ProblemType gateway_misconfigured{503, "gateway_misconfigured",
                                                   "The payment gateway does not accept this service's key",
                                                   "O gateway de pagamento não aceita a chave deste serviço"};
inline constexpr ProblemType own_client{409, "own_client", "This customer is a user himself",
                                        "Este cliente é o próprio usuário"};

}  // namespace problems
}  // namespace balcao::payments

#include "payments/gateway/refusal.hpp"

namespace balcao::payments {

Problem refusal(GatewayRefused const& refused) {
  if (refused.reason() == GatewayRefused::Reason::key) {
    return Problem(problems::gateway_misconfigured,
                   {"The operator must check STRIPE_SECRET_KEY.", "O operador deve conferir STRIPE_SECRET_KEY."});
  }
  auto const& fault = refused.fault();
  return Problem(problems::gateway_refused, {"The gateway says: " + fault.message, "O gateway diz: " + fault.message})
      .with_member("gateway_code", fault.code);
}

Problem gateway_away() {
  return overloaded("The payment gateway does not answer; nothing has been done",
                    "O gateway de pagamento não responde; nada foi feito");
}

}  // namespace balcao::payments

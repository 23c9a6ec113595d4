#include "payments/routes.hpp"
#include "payments/inbox/inbox.hpp"
#include "platform/json/describe.hpp"

namespace balcao::payments {
namespace {

/// The body as it came: a signature is over its bytes.
struct RawBody {
  std::string bytes;
};

struct Receipt {
  bool received;
};
BOOST_DESCRIBE_STRUCT(Receipt, (), (received))

Task<http::Ok<Receipt>> receive(Inbox& inbox, RawBody body, http::Header<"Stripe-Signature"> signature) {
  co_await inbox.receive(std::move(body.bytes), signature.value.value_or(""));
  co_return http::Ok<Receipt>{{true}};
}

}  // namespace
}  // namespace balcao::payments

namespace balcao::http {

template <>
struct Extract<payments::RawBody> {
  static std::optional<payments::RawBody> take(Exchange& exchange) {
    return payments::RawBody{std::string(exchange.request.body)};
  }
  static void document(Operation& operation) {
    document_body(operation, {{"type", "object"}, {"description", "An event of the gateway's."}});
  }
};

}  // namespace balcao::http

namespace balcao::payments {

http::Endpoints inbox_endpoints(Inbox& inbox) {
  http::Endpoints all;
  all.push_back(http::endpoint(http::Method::post, "/stripe/webhook", http::Access::anyone,
                               {"Payments",
                                "receiveEvent",
                                "Where the gateway tells what has happened; only it can sign that",
                                {&problems::invalid_signature}},
                               inbox, receive));
  all.back().max_body = http::large_body;  // an event holds a whole object of the gateway's
  return all;
}

}  // namespace balcao::payments

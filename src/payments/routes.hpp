#pragma once

#include "platform/http/endpoint.hpp"

namespace balcao::payments {

class Checkouts;
class Clients;
class Disputes;
class Inbox;
class Payments;
class Refunds;
class WebhookEndpoints;

/// The endpoints of each topic; what they are given must outlive them.
http::Endpoints client_endpoints(Clients& clients);
http::Endpoints payment_endpoints(Payments& payments);
http::Endpoints refund_endpoints(Refunds& refunds);
http::Endpoints dispute_endpoints(Disputes& disputes);
http::Endpoints checkout_endpoints(Checkouts& checkouts);
http::Endpoints inbox_endpoints(Inbox& inbox);
http::Endpoints webhook_endpoints(WebhookEndpoints& endpoints);

}  // namespace balcao::payments

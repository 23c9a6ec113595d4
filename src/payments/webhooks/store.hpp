#pragma once

#include "payments/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::payments {

/// The endpoints of integrators and what they are told, and all SQL about both. Fails as db::Database does.
class WebhookStore {
 public:
  struct NewMessage {
    Uuid id;
    Id<Owner> owner;
    std::string type;
    std::string body;
    Time now;
  };
  /// The call that makes a delivery, due at once, for each endpoint that wants to hear of it.
  static db::Call spread(NewMessage const& message);
};

}  // namespace balcao::payments

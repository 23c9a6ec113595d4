#pragma once

#include <optional>
#include <string>
#include <vector>

#include "payments/model.hpp"
#include "platform/fields.hpp"

namespace balcao::payments {

using WebhookDescription = BoundedText<0, 500>;

/// One of `message_types`, by its name.
class MessageType {
 public:
  static std::expected<MessageType, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return name_; }

 private:
  explicit MessageType(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

/// What Payments is told about webhooks by the operator.
struct WebhookSettings {
  bool allow_private = true;  ///< private addresses, this machine's among them
  bool https_only = false;
  std::vector<std::string> encryption_keys;  ///< seal secrets, see crypto::Sealer; none: they rest as text
};

/// Where an integrator wants to be told what happens.
struct WebhookEndpoint {
  Id<WebhookEndpoint> id;
  Id<Owner> owner;
  bool everyone;  ///< hears of what is anybody's; an administrator made it
  std::string url;
  std::string description;
  std::vector<std::string> types;  ///< none: all of them
  std::optional<Time> disabled_at;
  std::optional<std::string>
      disabled_reason;                ///< `requested`; `gone`: it answered 410; `failing`: nothing went well for days
  std::optional<Time> failing_since;  ///< nothing has gone well since then
  Time created_at;
  Time updated_at;
};

/// How an endpoint's secrets rest.
struct StoredSecrets {
  std::string secret;
  std::optional<std::string> old_secret;  ///< signs too, for those who do not have the new one yet
  std::optional<Time> old_secret_until;
};

/// What one endpoint is told, and how far that has come. It is known by its endpoint and its message, whose id is the
/// `webhook-id`.
struct Delivery {
  struct Message;

  Id<Message> id;
  std::string type;
  std::string status;  ///< `pending`, `delivered`, `failed`
  std::int64_t attempts;
  std::optional<std::int64_t> answer;  ///< the HTTP status of the last attempt
  std::optional<std::string> error;    ///< why there was none
  Time created_at;
  std::optional<Time> attempted_at;
  std::optional<Time> next_at;
  std::string body;
};

/// Newest first, behind `after`.
struct DeliveryListRequest {
  Id<WebhookEndpoint> endpoint;
  std::optional<std::string> status;
  std::size_t limit = 20;
  std::optional<Id<Delivery::Message>> after;
};

/// An endpoint that can be told something now, with what that takes.
struct DueEndpoint {
  Id<WebhookEndpoint> id;
  Id<Owner> owner;
  std::string url;
  StoredSecrets secrets;
  bool failing;
  Time updated_at;
};

/// A delivery that one attempt has until `lease`; `attempts` counts it.
struct ClaimedDelivery {
  Id<Delivery::Message> id;
  std::string type;
  std::string body;
  std::int64_t attempts;
  Time lease;
};

/// What an attempt came to.
struct DeliveryAttempt {
  int answer = 0;  ///< the HTTP status; 0 where there was none
  std::string error;
  std::optional<std::chrono::seconds> retry_after;

  bool went_well() const { return answer >= 200 && answer < 300; }
};

namespace problems {

inline constexpr ProblemType too_many_webhook_endpoints{409, "too_many_webhook_endpoints",
                                                        "There are as many webhook endpoints as one may have",
                                                        "Já há tantos endpoints de webhook quanto se pode ter"};
inline constexpr ProblemType too_many_webhook_tests{429, "too_many_webhook_tests", "Too many webhook tests",
                                                    "Testes de webhook demais"};
inline constexpr ProblemType webhook_endpoint_disabled{
    409, "webhook_endpoint_disabled", "The webhook endpoint is disabled", "O endpoint de webhook está desativado"};

}  // namespace problems
}  // namespace balcao::payments

#include "payments/webhooks/messages.hpp"

#include "payments/webhooks/store.hpp"
#include "platform/json/parse.hpp"

namespace balcao::payments {

std::vector<db::Call> Messages::calls(Message const& message) const {
  auto const now = clock_.now();
  std::vector<db::Call> calls{WebhookStore::spread(
      {Uuid::make(now), message.owner, message.type, message_body(message.type, now, message.data), now})};
  if (message.order) {
    calls.push_back(jobs_.enqueue(order_changed_job, Uuid::make(now).str(), message.order->str()));
  }
  return calls;
}

std::string message_body(std::string_view type, Time happened_at, json::Object data) {
  return json::to_text(json::Object{{"type", type}, {"timestamp", to_rfc3339(happened_at)}, {"data", std::move(data)}});
}

}  // namespace balcao::payments

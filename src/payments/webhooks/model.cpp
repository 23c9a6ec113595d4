#include "payments/webhooks/model.hpp"

#include <algorithm>

#include "payments/webhooks/messages.hpp"

namespace balcao::payments {

std::expected<MessageType, Text> MessageType::parse(std::string_view text) {
  if (std::ranges::find(message_types::all, text) != message_types::all.end()) return MessageType(std::string(text));
  return std::unexpected(Text{"It must be the type of a message, such as payment.succeeded.",
                              "Deve ser o tipo de uma mensagem, como payment.succeeded."});
}

json::Value MessageType::schema() {
  return {{"type", "string"}, {"enum", json::Array(message_types::all.begin(), message_types::all.end())}};
}

}  // namespace balcao::payments

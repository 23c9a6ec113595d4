#include "payments/idempotency/answered.hpp"

#include <algorithm>

#include "payments/payment/model.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/json/parse.hpp"

namespace balcao::payments {
namespace {

constexpr std::size_t longest_key = 255;

std::string text_at(json::Object const& object, std::string_view name) {
  auto const* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

}  // namespace

std::optional<KeyedRequest> keyed(Id<Owner> owner, KeyHeader const& header, std::string_view operation,
                                  std::string_view payload) {
  if (!header.value) return std::nullopt;
  auto const is_printable = [](char c) { return c > ' ' && c <= '~'; };
  if (header.value->empty() || header.value->size() > longest_key ||
      !std::ranges::all_of(*header.value, is_printable)) {
    throw Problem(balcao::problems::bad_request,
                  {"Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.",
                   "Idempotency-Key deve ter de 1 a 255 caracteres ASCII imprimíveis, sem espaços."});
  }
  auto const digest = crypto::sha256(std::string(operation) + '\n' + std::string(payload));
  return KeyedRequest{owner, *header.value, crypto::to_base64url(digest)};
}

KeyedRequest needs_key(Id<Owner> owner, KeyHeader const& header, std::string_view operation, std::string_view payload) {
  auto request = keyed(owner, header, operation, payload);
  if (!request) {
    throw Problem(problems::idempotency_key_missing,
                  {"Send an Idempotency-Key, a new one for each thing to be done: with it a repeated request is safe.",
                   "Envie um Idempotency-Key, um novo para cada operação: com ele é seguro repetir a requisição."});
  }
  return std::move(*request);
}

Problem declined(KeptAnswer const& answer, std::string location) {
  auto const document = json::parse(answer.body);
  auto const payment = document && document->is_object() ? document->as_object() : json::Object{};
  auto const* member = payment.if_contains("decline");
  auto const decline = member && member->is_object() ? member->as_object() : json::Object{};
  auto const message = text_at(decline, "message");
  return Problem(problems::payment_declined, {message, message})
      .with_header("Location", std::move(location))
      .with_member("payment_id", text_at(payment, "id"))
      .with_member("gateway_code", text_at(decline, "code"))
      .with_member("decline_code", text_at(decline, "decline_code"));
}

}  // namespace balcao::payments

#include "platform/idempotency/answered.hpp"

#include <algorithm>

#include "platform/crypto/hash.hpp"

namespace balcao {
namespace {

constexpr std::size_t longest_key = 255;

}  // namespace

std::optional<KeyedRequest> keyed(Uuid owner, KeyHeader const& header, std::string_view operation,
                                  std::string_view payload) {
  if (!header.value) return std::nullopt;
  auto const is_printable = [](char c) { return c > ' ' && c <= '~'; };
  if (header.value->empty() || header.value->size() > longest_key ||
      !std::ranges::all_of(*header.value, is_printable)) {
    throw Problem(problems::bad_request,
                  {"Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.",
                   "Idempotency-Key deve ter de 1 a 255 caracteres ASCII imprimíveis, sem espaços."});
  }
  auto const digest = crypto::sha256(std::string(operation) + '\n' + std::string(payload));
  return KeyedRequest{owner, *header.value, crypto::to_base64url(digest)};
}

KeyedRequest needs_key(Uuid owner, KeyHeader const& header, std::string_view operation, std::string_view payload) {
  auto request = keyed(owner, header, operation, payload);
  if (!request) {
    throw Problem(problems::idempotency_key_missing,
                  {"Send an Idempotency-Key, a new one for each thing to be done: with it a repeated request is safe.",
                   "Envie um Idempotency-Key, um novo para cada operação: com ele é seguro repetir a requisição."});
  }
  return std::move(*request);
}

}  // namespace balcao

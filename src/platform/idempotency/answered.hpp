#pragma once

#include "platform/http/endpoint.hpp"
#include "platform/http/extract.hpp"
#include "platform/idempotency/keys.hpp"

namespace balcao {

using KeyHeader = http::Header<"Idempotency-Key">;

/// What a keyed request is known by: its owner, its key, and what it asks for. `payload` is the request as it was
/// understood, so that the same in another notation is the same. Problem bad_request for a key of more than 255
/// characters or with others than printable ASCII.
std::optional<KeyedRequest> keyed(Uuid owner, KeyHeader const& header, std::string_view operation,
                                  std::string_view payload);
/// The same where a key is needed: Problem idempotency_key_missing.
KeyedRequest needs_key(Uuid owner, KeyHeader const& header, std::string_view operation, std::string_view payload);

/// A kept answer, a T, sent as it was kept. `success` is 200 or 201.
template <class T, int success>
struct Answered {
  KeptAnswer answer;
  std::string location;
};

}  // namespace balcao

namespace balcao::http {

template <class T, int success>
struct Respond<Answered<T, success>> {
  static Response make(Answered<T, success> answered) {
    Response response{answered.answer.status, "application/json", {}, std::move(answered.answer.body)};
    if (response.status != 200) response.header("Location", std::move(answered.location));
    return response;
  }
  static void document(json::Object& responses, json::Schemas& schemas) {
    if constexpr (success == 201) {
      Respond<Created<T>>::document(responses, schemas);
    } else {
      Respond<Ok<T>>::document(responses, schemas);
    }
    Respond<Accepted<T>>::document(responses, schemas);
  }
};

}  // namespace balcao::http

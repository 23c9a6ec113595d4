#pragma once

#include "auth/model.hpp"
#include "platform/http/extract.hpp"

/// What Auth's handlers take besides what any handler can: from where a request comes, and who makes it.
namespace balcao::http {

template <>
struct Extract<auth::Origin> {
  static std::optional<auth::Origin> take(Exchange& exchange) {
    auto const& request = exchange.request;
    return auth::Origin::of(std::string(request.peer), std::string(request.header("User-Agent").value_or("")));
  }
  static void document(Operation&) {}
};

template <>
struct Extract<auth::Actor> {
  static std::optional<auth::Actor> take(Exchange& exchange) {
    auto const user = exchange.caller ? std::optional(Id<auth::User>{exchange.caller->user}) : std::nullopt;
    return auth::Actor{user, *Extract<auth::Origin>::take(exchange)};
  }
  static void document(Operation&) {}
};

}  // namespace balcao::http

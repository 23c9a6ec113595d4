#pragma once

#include <optional>

#include "sandbox/objects/changes.hpp"

namespace balcao::sandbox::refunds {

using objects::Changes;
using objects::Object;

/// Why `amount` of a charge cannot be given back.
std::optional<ApiError> refuse(Object const& charge, std::int64_t amount);

/// What can still be given back.
std::int64_t refundable(Object const& charge);

/// Gives `amount` of the charge back, which `refuse` let pass; `pending` until the bank has said so.
Object& open(Object& charge, std::int64_t amount, bool pending, json::Value reason, Changes& changes, Time now);

void succeed(Object& refund, Changes& changes);
/// The money comes back to the account, and can be refunded again; `status` is `failed` or `canceled`.
void take_back(Object& refund, Object& charge, std::string_view status, Changes& changes, Time now);

}  // namespace balcao::sandbox::refunds

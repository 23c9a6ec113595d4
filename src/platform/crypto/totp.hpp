#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/runtime/clock.hpp"

/// The second factor of authenticator apps: TOTP (RFC 6238) with what all of them know: HMAC-SHA1, six digits, thirty
/// seconds. A secret is twenty random bytes (RFC 4226 §4). Safe from any thread.
namespace balcao::crypto::totp {

/// A thirty-second interval, counted from 1970.
using Step = std::int64_t;

/// The six digits of a step.
std::string code_at(std::string_view secret, Step step);

/// The step whose code this is, among the one of `now`, the one before and the one after it; nothing if there is none
/// above `last_accepted`. Whoever stores the step given here, and hands it in the next time, refuses a code that was
/// used before, and every older one; store it on the condition that it rises, since two requests may bring the same
/// code at once. Takes the same time whichever step fits and whether one does.
std::optional<Step> verify(std::string_view secret, std::string_view code, Time now, std::optional<Step> last_accepted);

/// The address that an app reads from a QR picture (Key Uri Format). Throws std::invalid_argument for an issuer with a
/// colon, where apps would take the account to begin.
std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret);

}  // namespace balcao::crypto::totp

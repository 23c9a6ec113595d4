#pragma once

#include <optional>
#include <vector>

#include "contracts/auth.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::access {

inline constexpr std::string_view ended_sessions_channel = "ended-sessions";

/// How often each process looks for what no message told.
inline constexpr std::chrono::milliseconds between_looks{500};

/// Tells every process that these sessions have ended, a thousand in a message. When it returns, the messages are on
/// their way, and there within milliseconds; or, where messages do not go through, each process has had the time to
/// look by itself.
Task<> announce(shared::SharedState& shared, std::vector<contracts::EndedSession> sessions);

/// What a message of `announce` says; nothing where it is none.
std::optional<std::vector<contracts::EndedSession>> parse_announcement(std::string_view message);

}  // namespace balcao::access

#include "access/announcements.hpp"

#include <algorithm>
#include <charconv>

#include "platform/runtime/loops.hpp"

namespace balcao::access {
namespace {

/// Two looks: one that may just have begun, and a whole one.
constexpr std::chrono::milliseconds all_have_looked = 2 * between_looks;

/// Of at most 57 bytes each: together less than a message may have.
constexpr std::size_t sessions_per_message = 1000;
static_assert(sessions_per_message * 57 <= shared::max_message_bytes);

std::string to_line(contracts::EndedSession const& ended) {
  return ended.session.str() + ' ' + std::to_string(ended.until.time_since_epoch().count());
}

std::optional<contracts::EndedSession> parse_line(std::string_view line) {
  auto const space = line.find(' ');
  auto const session = Uuid::parse(line.substr(0, space));
  if (space == line.npos || !session) return std::nullopt;
  auto const number = line.substr(space + 1);
  std::int64_t micros = 0;
  auto const [end, fault] = std::from_chars(number.data(), number.data() + number.size(), micros);
  if (fault != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  return contracts::EndedSession{*session, Time(std::chrono::microseconds(micros))};
}

}  // namespace

std::optional<std::vector<contracts::EndedSession>> parse_announcement(std::string_view message) {
  std::vector<contracts::EndedSession> sessions;
  for (;;) {
    auto const end = message.find('\n');
    auto const ended = parse_line(message.substr(0, end));
    if (!ended) return std::nullopt;
    sessions.push_back(*ended);
    if (end == message.npos) return sessions;
    message.remove_prefix(end + 1);
  }
}

Task<> announce(shared::SharedState& shared, std::vector<contracts::EndedSession> sessions) {
  bool all_told = true;
  for (std::size_t first = 0; all_told && first < sessions.size(); first += sessions_per_message) {
    std::string message;
    auto const last = std::min(first + sessions_per_message, sessions.size());
    for (auto i = first; i < last; ++i) message += (message.empty() ? "" : "\n") + to_line(sessions[i]);
    try {
      co_await shared.publish(std::string(ended_sessions_channel), std::move(message));
    } catch (Problem const&) {
      all_told = false;
    }
  }
  if (!all_told) co_await pause(all_have_looked);
}

}  // namespace balcao::access

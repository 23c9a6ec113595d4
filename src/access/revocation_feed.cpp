#include "access/revocation_feed.hpp"

#include <charconv>

#include "platform/runtime/loops.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::access {
namespace {

constexpr std::string_view channel = "ended-sessions";
constexpr std::chrono::milliseconds between_looks{500};
/// Two looks: one that may just have begun, and a whole one.
constexpr std::chrono::milliseconds all_have_looked = 2 * between_looks;
constexpr std::chrono::minutes between_purges{1};

/// How far back a look goes behind the last one, so that a transaction that commits late is seen too.
constexpr std::chrono::seconds look_back{10};

std::string to_message(contracts::EndedSession const& ended) {
  return ended.session.str() + ' ' + std::to_string(ended.until.time_since_epoch().count());
}

std::optional<contracts::EndedSession> parse_message(std::string_view message) {
  auto const space = message.find(' ');
  auto const session = Uuid::parse(message.substr(0, space));
  if (space == message.npos || !session) return std::nullopt;
  auto const number = message.substr(space + 1);
  std::int64_t micros = 0;
  auto const [end, fault] = std::from_chars(number.data(), number.data() + number.size(), micros);
  if (fault != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  return contracts::EndedSession{*session, Time(std::chrono::microseconds(micros))};
}

}  // namespace

RevocationFeed::RevocationFeed(contracts::Auth& auth, shared::SharedState& shared, Revocations& revocations,
                               Clock const& clock, KeyFeed* keys)
    : auth_(auth),
      shared_(shared),
      revocations_(revocations),
      clock_(clock),
      keys_(keys),
      subscription_(shared.subscribe(
          std::string(channel), [this](std::string_view message) { receive(message); }, [this] { resume(); })) {}

void RevocationFeed::receive(std::string_view message) {
  if (auto const ended = parse_message(message)) return revocations_.add(ended->session, ended->until);
  resume();  // whatever a newer version means by it, the database knows
}

/// What was announced meanwhile has been missed: until the next look it is not known what.
void RevocationFeed::resume() {
  ++interruptions_;
  wake_up_.ring();
}

Task<> RevocationFeed::load() {
  auto const interruption = interruptions_.load();
  auto const since = seen_until_ == Time{} ? Time{} : seen_until_ - look_back;
  auto const ended = co_await auth_.ended_sessions(since);
  for (auto const& [session, until] : ended.sessions) revocations_.add(session, until);
  seen_until_ = ended.as_of;
  loaded_ = interruption;
  if (keys_) keys_->notice(ended.keys);
}

void RevocationFeed::stop() {
  stopping_ = true;
  wake_up_.ring();
}

Task<> RevocationFeed::follow() {
  auto purged_at = clock_.now();
  bool fails = false;
  for (;;) {
    co_await wake_up_.wait(between_looks);
    if (stopping_) co_return;
    try {
      co_await load();
      if (std::exchange(fails, false)) log::info("ended sessions are followed again");
    } catch (std::exception const& error) {
      if (!std::exchange(fails, true)) log::warn("cannot follow ended sessions", {{"error", error.what()}});
    }
    if (auto const now = clock_.now(); now - purged_at >= between_purges) {
      purged_at = now;
      revocations_.purge(now);
    }
  }
}

Task<> announce(shared::SharedState& shared, std::vector<contracts::EndedSession> sessions) {
  bool all_told = true;
  for (auto const& ended : sessions) {
    try {
      co_await shared.publish(std::string(channel), to_message(ended));
    } catch (Problem const&) {
      all_told = false;
      break;
    }
  }
  if (!all_told) co_await pause(all_have_looked);
}

}  // namespace balcao::access

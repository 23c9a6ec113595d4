#include "access/revocation_feed.hpp"

#include <stdexcept>

#include "access/announcements.hpp"
#include "platform/runtime/loops.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::access {
namespace {

constexpr std::string_view channel = ended_sessions_channel;
constexpr std::chrono::minutes between_purges{1};

/// How far back a look goes behind the last one, so that a transaction that commits late is seen too.
constexpr std::chrono::seconds look_back{10};

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
  auto const ended = parse_announcement(message);
  if (!ended) return resume();  // whatever a newer version means by it, the database knows
  for (auto const& [session, until] : *ended) revocations_.add(session, until);
}

/// What was announced meanwhile has been missed: until the next look it is not known what.
void RevocationFeed::resume() {
  ++interruptions_;
  wake_up_.ring();
}

Task<> RevocationFeed::load() {
  auto const interruption = interruptions_.load();
  contracts::EndedSessionsCursor from{seen_until_ == Time{} ? Time{} : seen_until_ - look_back, {}};
  auto page = co_await auth_.ended_sessions(from);
  auto const as_of = page.as_of;  // of the first page: what ends meanwhile is looked for again
  auto const keys = page.keys;
  for (;;) {
    for (auto const& [session, until] : page.sessions) revocations_.add(session, until);
    if (!page.next) break;
    if (*page.next <= from) throw std::runtime_error("Auth's pages of ended sessions lead nowhere");
    from = *page.next;
    page = co_await auth_.ended_sessions(from);
  }
  seen_until_ = as_of;
  loaded_ = interruption;
  if (keys_) keys_->notice(keys);
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

}  // namespace balcao::access

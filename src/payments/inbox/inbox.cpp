#include "payments/inbox/inbox.hpp"

#include <algorithm>
#include <map>

#include "payments/gateway/stripe_read.hpp"
#include "payments/inbox/signature.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/task_group.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_events = 64;
constexpr auto lease = 1min;
/// An object about which a request of ours is about to be told.
constexpr auto a_moment = 1s;
/// The gateway lists events for 30 days.
constexpr auto memory = std::chrono::days(30);

enum class Kind { intent, refund, dispute, checkout, client };

/// What an event is about, if it is something that we have to see to. `payment_intent.created` is not: what becomes of
/// the intent is told of later.
std::optional<std::pair<Kind, std::string>> subject_of(std::string_view type, std::string const& object_id,
                                                       std::string const& intent_id) {
  if (type == "payment_intent.created") return std::nullopt;
  if (type.starts_with("payment_intent.")) return {{Kind::intent, object_id}};
  if (type.starts_with("charge.dispute.")) return {{Kind::dispute, object_id}};
  if (type.starts_with("refund.") || type == "charge.refund.updated") return {{Kind::refund, object_id}};
  if (type.starts_with("charge.") && !intent_id.empty()) return {{Kind::intent, intent_id}};
  if (type.starts_with("checkout.session.")) return {{Kind::checkout, object_id}};
  if (type == "customer.created" || type == "customer.updated" || type == "customer.deleted") {
    return {{Kind::client, object_id}};
  }
  return std::nullopt;
}

std::chrono::milliseconds wait_after(std::int64_t tries) {
  return std::min<std::chrono::seconds>(1s * (1 << std::min<std::int64_t>(tries - 1, 12)), 1h);
}

}  // namespace

/// An object, and the events that tell of it.
struct Inbox::Subject {
  Kind kind;
  std::string id;
  std::vector<std::string> events;
  std::int64_t tries;
};

Task<> Inbox::receive(std::string body, std::string signature) {
  auto const now = ground_.clock.now();
  if (!is_signed(signature, body, ground_.secrets, now)) {
    throw Problem(problems::invalid_signature, {"Check STRIPE_WEBHOOK_SECRET, and this machine's clock.",
                                                "Confira STRIPE_WEBHOOK_SECRET e o relógio desta máquina."});
  }
  auto const document = json::parse(body);
  if (!document || !document->is_object() || text_at(document->as_object(), "id").empty()) {
    throw Problem(balcao::problems::bad_request, {"This is no event.", "Isto não é um evento."});
  }
  co_await store(read_event(document->as_object()));
}

Task<> Inbox::store(GatewayEvent event) {
  auto const now = ground_.clock.now();
  bool const matters = subject_of(event.type, event.object_id, event.intent).has_value();
  co_await ground_.store.insert(event, now, matters ? std::optional(now) : std::nullopt);
  if (matters) arrivals_.ring();
}

Task<bool> Inbox::see_to() {
  return ground_.store.due().process(ground_.clock, lease, most_events,
                                     [this](db::Rows rows) -> Task<> { return see_to(InboxStore::read(rows)); });
}

/// Several events about one object are one question to the gateway.
Task<> Inbox::see_to(std::vector<DueEvent> due) {
  std::vector<std::string> not_for_us;
  std::map<std::pair<Kind, std::string>, Subject> subjects;
  for (auto const& event : due) {
    auto const about = subject_of(event.type, event.object_id, event.intent_id);
    if (!about) {  // another version of the program has stored it
      not_for_us.push_back(event.id);
      continue;
    }
    auto& subject = subjects.try_emplace(*about, Subject{about->first, about->second, {}, 0}).first->second;
    subject.events.push_back(event.id);
    subject.tries = std::max(subject.tries, event.tries);
  }
  co_await ground_.store.processed(std::move(not_for_us), ground_.clock.now());
  std::vector<Task<>> tasks;
  for (auto& [about, subject] : subjects) tasks.push_back(see_to(std::move(subject)));
  if (!tasks.empty()) co_await at_once(std::move(tasks));
}

Task<> Inbox::see_to(Subject subject) {
  std::optional<std::string> failure;
  bool done = false;
  try {
    done = co_await refresh(subject);
  } catch (std::exception const& error) {
    failure = error.what();
  }
  auto const now = ground_.clock.now();
  if (failure) {
    log::warn("what the gateway told of waits",
              {{"object", subject.id}, {"tries", subject.tries}, {"cause", *failure}});
  }
  try {
    if (done) {
      co_await ground_.store.processed(subject.events, now);
    } else {
      co_await ground_.store.due_at(subject.events, now + (failure ? wait_after(subject.tries) : a_moment));
    }
  } catch (std::exception const& error) {  // its lease runs out, and then it is seen to once more
    log::warn("an event is not settled", {{"object", subject.id}, {"cause", error.what()}});
  }
}

Task<bool> Inbox::refresh(Subject const& subject) {
  switch (subject.kind) {
    case Kind::intent:
      co_return co_await ground_.payments.refresh(subject.id);
    case Kind::refund:
      co_await ground_.refunds.refresh(subject.id);
      break;
    case Kind::dispute:
      co_await ground_.disputes.refresh(subject.id);
      break;
    case Kind::checkout:
      co_await ground_.checkouts.refresh(subject.id);
      break;
    case Kind::client:
      co_await ground_.clients.refresh(subject.id);
      break;
  }
  co_return true;
}

Task<> Inbox::catch_up(Time from) {
  for (auto const& event : co_await ground_.gateway.list_events(from, std::nullopt, true)) co_await store(event);
}

Task<std::int64_t> Inbox::purge(Time now, std::int64_t most) { return ground_.store.purge(now - memory, most); }

}  // namespace balcao::payments

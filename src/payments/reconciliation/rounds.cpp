#include "payments/reconciliation/rounds.hpp"

#include "platform/runtime/task_group.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;

/// What was told of a moment before the last look may not have been listed yet.
constexpr auto overlap = 10min;
/// How far back the daily comparison looks: what takes longest, a boleto, is settled by then.
constexpr auto compared = std::chrono::days(7);

/// What goes wrong is tried again the next time.
Task<bool> see_to(Task<bool> work, std::string_view what) {
  try {
    co_return co_await std::move(work);
  } catch (std::exception const& error) {
    log::warn("left for the next round", {{"what", what}, {"cause", error.what()}});
  }
  co_return false;
}

Task<bool> as_done(Task<> work) {
  co_await std::move(work);
  co_return false;
}

}  // namespace

Task<> Rounds::run() {
  std::vector<Task<>> all;
  all.push_back(see_to_events());
  all.push_back(recover());
  all.push_back(keep_books());
  co_await at_once(std::move(all));
}

void Rounds::stop() {
  stopping_ = true;
  ground_.inbox.arrivals().ring();
  recovery_.ring();
  books_.ring();
}

Task<> Rounds::see_to_events() {
  while (!stopping_) {
    bool const more = co_await see_to(ground_.inbox.see_to(), "the gateway's events");
    if (!more && !stopping_) co_await ground_.inbox.arrivals().wait(1s);
  }
}

Task<> Rounds::recover() {
  while (!stopping_) {
    co_await see_to(as_done(ground_.payments.recover()), "payments that are not settled");
    co_await see_to(as_done(ground_.refunds.recover()), "refunds that are not settled");
    co_await see_to(as_done(ground_.checkouts.recover()), "checkouts that are not settled");
    co_await see_to(as_done(ground_.payments.check()), "payments that are not final");
    if (!stopping_) co_await recovery_.wait(1s);
  }
}

Task<> Rounds::keep_books() {
  while (!stopping_) {
    co_await books_.wait(1min);
    if (stopping_) co_return;
    co_await see_to(
        as_done(in_turn("missed events", 1h, [this](Time since) { return ground_.inbox.catch_up(since - overlap); })),
        "events that were missed");
    co_await see_to(as_done(in_turn("reconciliation", 24h,
                                    [this](Time) -> Task<> {
                                      auto const now = ground_.clock.now();
                                      auto const report = co_await ground_.reconciler.reconcile(now - compared, now);
                                      for (auto const& drift : report.drifts) {
                                        log::error("the gateway and we do not agree", {{"kind", to_string(drift.kind)},
                                                                                       {"object", drift.object_id},
                                                                                       {"ours", drift.ours},
                                                                                       {"theirs", drift.theirs}});
                                      }
                                    })),
                    "the daily reconciliation");
  }
}

Task<> Rounds::in_turn(std::string name, std::chrono::seconds every, std::function<Task<>(Time since)> work) {
  auto const now = ground_.clock.now();
  if (auto const since = co_await ground_.store.take_look(std::move(name), now, now + every)) co_await work(*since);
}

}  // namespace balcao::payments

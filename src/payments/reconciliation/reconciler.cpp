#include "payments/reconciliation/reconciler.hpp"

#include <algorithm>
#include <map>

#include "payments/payment/words.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;

/// By how much the gateway's clock, and the way of a request, may differ from ours.
constexpr auto clock_difference = 10min;
constexpr std::size_t page = 200;

std::string text(std::int64_t amount) { return std::to_string(amount); }

}  // namespace

Task<Report> Reconciler::reconcile(Time from, Time until) {
  auto const started_at = ground_.clock.now();
  Report report;
  co_await compare_intents(from, until, report);
  for (auto const& customer : co_await ground_.gateway.list_customers(from)) {
    co_await ground_.clients.refresh(customer);
  }
  co_await ground_.store.note(report.drifts, ground_.clock.now());
  co_await ground_.store.resolve_unseen(started_at, ground_.clock.now());
  co_return report;
}

Task<> Reconciler::compare_intents(Time from, Time until, Report& report) {
  auto const intents = co_await ground_.gateway.list_intents(from - clock_difference, until + clock_difference);
  std::map<std::string, std::int64_t> movements;  // by charge
  for (auto const& movement :
       co_await ground_.gateway.list_balance_transactions(from - clock_difference, until + clock_difference)) {
    movements[movement.source] += movement.amount;
  }
  std::unordered_set<Id<Payment>> seen;
  for (auto const& intent : intents) {
    auto const id = Id<Payment>::parse(intent.payment_id);
    if (!id) continue;  // made by someone else on the same account
    ++report.intents;
    auto payment = co_await ground_.payment_store.find(*id);
    if (!payment) {
      report.drifts.push_back({Drift::Kind::missing_here, intent.id, id, "", text(intent.amount)});
      continue;
    }
    if (payment->gateway_id && *payment->gateway_id != intent.id) {
      report.drifts.push_back({Drift::Kind::doubled, intent.id, id, *payment->gateway_id, intent.id});
      continue;
    }
    seen.insert(*id);
    std::ranges::move(co_await compare(std::move(*payment), intent), std::back_inserter(report.drifts));
    auto const moved = intent.charge ? movements.find(intent.charge->id) : movements.end();
    if (moved == movements.end()) continue;
    ++report.movements;
    std::int64_t booked = 0;
    for (auto const& transfer : co_await ground_.ledger.of(*id)) {
      if (transfer.source.starts_with("charge:")) booked += transfer.amount;
    }
    if (booked != moved->second) {
      report.drifts.push_back({Drift::Kind::amount, intent.charge->id, id, text(booked), text(moved->second)});
    }
  }
  co_await compare_payments(from, until, seen, report);
}

/// What cannot be taken over is what the report is for.
Task<Payment> Reconciler::refresh(Payment payment) {
  try {
    co_return co_await ground_.attempts.refresh(payment);
  } catch (Problem const& problem) {
    log::warn("a payment could not be taken over", {{"payment", payment.id.str()}, {"cause", problem.what()}});
  }
  co_return payment;
}

/// What the gateway says is taken over first, so that only what cannot be is a drift.
Task<std::vector<Drift>> Reconciler::compare(Payment payment, Intent intent) {
  if (!payment.is_final() || payment.open) {
    payment = co_await refresh(std::move(payment));
    auto now = co_await ground_.gateway.find_intent(intent.id);
    if (now) intent = std::move(*now);
  }
  std::vector<Drift> drifts;
  auto const note = [&](Drift::Kind kind, std::string ours, std::string theirs) {
    drifts.push_back({kind, intent.id, payment.id, std::move(ours), std::move(theirs)});
  };
  if (payment.currency != intent.currency) note(Drift::Kind::currency, payment.currency, intent.currency);
  if (payment.amount != intent.amount) note(Drift::Kind::amount, text(payment.amount), text(intent.amount));
  if (payment.status != intent.status && !payment.open) {
    note(Drift::Kind::status, std::string(status_words.word(payment.status)),
         std::string(status_words.word(intent.status)));
  } else if (payment.status == Intent::Status::succeeded && payment.amount_captured != intent.amount_received) {
    note(Drift::Kind::amount, text(payment.amount_captured), text(intent.amount_received));
  } else if (auto const released = payment.amount - payment.amount_captured;  // the gateway counts it as refunded
             intent.charge && payment.amount_refunded + released < intent.charge->amount_refunded) {
    note(Drift::Kind::amount, text(payment.amount_refunded), text(intent.charge->amount_refunded - released));
  }
  co_return drifts;
}

/// Those that the gateway's list does not have.
Task<> Reconciler::compare_payments(Time from, Time until, std::unordered_set<Id<Payment>> const& seen,
                                    Report& report) {
  std::optional<Id<Payment>> after;
  for (;;) {
    auto const payments = co_await ground_.payment_store.made_between(from, until, after, page);
    for (auto const& payment : payments) {
      ++report.payments;
      after = payment.id;
      if (!payment.gateway_id || seen.contains(payment.id)) continue;
      if (auto intent = co_await ground_.gateway.find_intent(*payment.gateway_id)) {
        std::ranges::move(co_await compare(payment, std::move(*intent)), std::back_inserter(report.drifts));
      } else {
        report.drifts.push_back(
            {Drift::Kind::missing_there, *payment.gateway_id, payment.id, text(payment.amount), ""});
      }
    }
    if (payments.size() < page) co_return;
  }
}

}  // namespace balcao::payments

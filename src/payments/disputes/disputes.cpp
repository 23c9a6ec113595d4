#include "payments/disputes/disputes.hpp"

#include <algorithm>

#include "platform/json/parse.hpp"

namespace balcao::payments {
namespace {

constexpr int most_tries = 8;

/// `warning_…` is an inquiry: the bank asks, and has not taken the money.
bool takes_money(std::string_view status) { return !status.starts_with("warning_"); }

bool is_over(std::string_view status) { return status == "won" || status == "lost" || status == "warning_closed"; }

/// What the books say of it: the bank takes the money when it is disputed, and gives it back when that is won.
std::vector<Transfer> transfers_of(Dispute const& dispute) {
  std::vector<Transfer> transfers;
  auto const book = [&](std::string_view what, std::string_view debit, std::string_view credit) {
    transfers.push_back({dispute.payment, std::string(what) + ":" + dispute.gateway_id, debit, credit, dispute.amount,
                         dispute.currency});
  };
  if (takes_money(dispute.status)) book("dispute", accounts::disputes, accounts::gateway);
  if (dispute.status == "won") book("dispute_won", accounts::gateway, accounts::disputes);
  return transfers;
}

}  // namespace

Task<std::vector<Dispute>> Disputes::of(Actor actor, Id<Payment> payment) {
  co_await ground_.payments.find(actor, payment);
  co_return co_await ground_.store.of(payment);
}

Task<> Disputes::refresh(std::string gateway_id) {
  for (int tries = 1; tries <= most_tries; ++tries) {
    // Asked anew each time: what was asked before another took over its answer may be the older one.
    auto const told = co_await ground_.gateway.find_dispute(gateway_id);
    if (!told || co_await try_take_over(*told, tries == most_tries)) co_return;
  }
}

/// False where another has taken over something meanwhile.
Task<bool> Disputes::try_take_over(GatewayDispute const& told, bool last) {
  auto const payment = co_await ground_.payment_store.find_by_gateway_id(told.intent);
  if (!payment) co_return true;
  auto const now = ground_.clock.now();
  auto const known = co_await ground_.store.find_by_gateway_id(told.id);
  if (known && (known->status == told.status || is_over(known->status))) co_return true;

  auto dispute = known.value_or(Dispute{.id = Id<Dispute>::make(now),
                                        .payment = payment->id,
                                        .gateway_id = told.id,
                                        .amount = told.amount,
                                        .currency = told.currency,
                                        .status = {},
                                        .reason = told.reason,
                                        .created_at = now,
                                        .updated_at = now});
  dispute.status = told.status;
  dispute.updated_at = now;
  std::vector<db::Call> calls{known ? DisputeStore::update(dispute) : DisputeStore::insert(dispute)};
  std::ranges::move(Ledger::entries(transfers_of(dispute), now), std::back_inserter(calls));
  auto const type = known ? message_types::dispute_updated : message_types::dispute_created;
  auto body = json::parse(to_json(dispute)).value().as_object();
  std::ranges::move(ground_.messages.calls({payment->owner, std::string(type), std::move(body)}),
                    std::back_inserter(calls));
  try {
    co_await ground_.database.batch(std::move(calls));
  } catch (db::Error const&) {
    if (last) throw;
    co_return false;
  }
  ground_.messages.wake();
  co_return true;
}

}  // namespace balcao::payments

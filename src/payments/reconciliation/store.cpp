#include "payments/reconciliation/store.hpp"

#include "payments/payment/words.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

constexpr Words<Drift::Kind, 6> words{{"missing_here", "missing_there", "amount", "status", "currency", "double"}};

constexpr Statement note_sql{"payments.note_drift", R"(
INSERT INTO payments.drifts (id, kind, object_id, payment_id, ours, theirs, found_at, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
ON CONFLICT (kind, object_id) WHERE resolved_at IS NULL
DO UPDATE SET ours = excluded.ours, theirs = excluded.theirs, seen_at = excluded.seen_at)"};

constexpr Statement resolve_sql{
    "payments.resolve_drifts",
    R"(UPDATE payments.drifts SET resolved_at = $2 WHERE resolved_at IS NULL AND seen_at < $1)"};

constexpr Statement first_look_sql{"payments.first_look", R"(
INSERT INTO payments.looks (name, looked_at, next_at) VALUES ($1, $2, $2) ON CONFLICT (name) DO NOTHING)"};

// What it was before is what it is counted from: RETURNING would give the new time.
constexpr Statement last_look_sql{"payments.last_look",
                                  R"(SELECT looked_at, next_at FROM payments.looks WHERE name = $1)"};

constexpr Statement take_look_sql{"payments.take_look", R"(
UPDATE payments.looks SET looked_at = $2, next_at = $3 WHERE name = $1 AND looked_at = $4)"};

}  // namespace

std::string_view to_string(Drift::Kind kind) { return words.word(kind); }

Task<> ReconciliationStore::note(std::vector<Drift> drifts, Time now) {
  std::vector<db::Call> calls;
  for (auto const& drift : drifts) {
    calls.push_back(db::call(note_sql, Uuid::make(now), to_string(drift.kind), drift.object_id, drift.payment,
                             drift.ours, drift.theirs, now));
  }
  if (!calls.empty()) co_await database_.batch(std::move(calls));
}

Task<> ReconciliationStore::resolve_unseen(Time since, Time now) { co_await database_.query(resolve_sql, since, now); }

Task<std::optional<Time>> ReconciliationStore::take_look(std::string name, Time now, Time next) {
  auto rows = co_await database_.query(last_look_sql, name);
  if (rows.empty()) {
    co_await database_.query(first_look_sql, name, now);
    rows = co_await database_.query(last_look_sql, name);
  }
  auto const looked_at = rows.front().get<Time>(0);
  if (rows.front().get<Time>(1) > now) co_return std::nullopt;
  auto const taken = co_await database_.query(take_look_sql, name, now, next, looked_at);
  if (taken.affected != 1) co_return std::nullopt;
  co_return looked_at;
}

}  // namespace balcao::payments

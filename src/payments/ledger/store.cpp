#include "payments/ledger/ledger.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

constexpr Statement insert_sql{"payments.book", R"(
INSERT INTO payments.ledger (id, payment_id, source, debit_account, credit_account, amount, currency, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source) DO NOTHING)"};

constexpr Statement balances_sql{"payments.balances", R"(SELECT account, currency, CAST(SUM(amount) AS bigint) FROM (
  SELECT debit_account AS account, currency, amount FROM payments.ledger
  UNION ALL SELECT credit_account, currency, -amount FROM payments.ledger) AS entries
GROUP BY account, currency ORDER BY account, currency)"};

constexpr Statement of_payment_sql{"payments.ledger_of_payment", R"(SELECT
  payment_id, source, debit_account, credit_account, amount, currency
FROM payments.ledger WHERE payment_id = $1 ORDER BY id)"};

/// The constant that a name in the table stands for.
std::string_view account_named(std::string const& name) {
  for (auto const account :
       {accounts::gateway, accounts::sales, accounts::fees, accounts::refunds, accounts::disputes}) {
    if (account == name) return account;
  }
  throw std::logic_error("an account that does not exist: " + name);
}

}  // namespace

std::vector<db::Call> Ledger::entries(std::vector<Transfer> const& transfers, Time now) {
  std::vector<db::Call> calls;
  for (auto const& transfer : transfers) {
    if (transfer.amount == 0) continue;
    calls.push_back(db::call(insert_sql, Uuid::make(now), transfer.payment, transfer.source, transfer.debit,
                             transfer.credit, transfer.amount, transfer.currency, now));
  }
  return calls;
}

Task<std::vector<Balance>> Ledger::balances() {
  std::vector<Balance> balances;
  for (auto const& row : co_await database_.query(balances_sql)) {
    balances.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::int64_t>(2)});
  }
  co_return balances;
}

Task<std::vector<Transfer>> Ledger::of(Id<Payment> payment) {
  std::vector<Transfer> transfers;
  for (auto const& row : co_await database_.query(of_payment_sql, payment)) {
    transfers.push_back({row.get<Id<Payment>>(0), row.get<std::string>(1), account_named(row.get<std::string>(2)),
                         account_named(row.get<std::string>(3)), row.get<std::int64_t>(4), row.get<std::string>(5)});
  }
  co_return transfers;
}

}  // namespace balcao::payments

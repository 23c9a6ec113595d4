#pragma once

#include <string>
#include <vector>

#include "payments/model.hpp"
#include "platform/db/database.hpp"

namespace balcao::payments {

struct Payment;

/// An amount that moves from one account to another: double entry by construction, since what one is given the other
/// one loses. https://docs.tigerbeetle.com/concepts/debit-credit/
struct Transfer {
  Id<Payment> payment;
  std::string source;  ///< what happened, once: `charge:<payment>`; booked again, it is the same
  std::string_view debit;
  std::string_view credit;
  std::int64_t amount;
  std::string currency;
};

/// What the accounts are for.
namespace accounts {

inline constexpr std::string_view gateway = "gateway";    ///< what the gateway holds for us
inline constexpr std::string_view sales = "sales";        ///< what has been paid
inline constexpr std::string_view fees = "fees";          ///< what the gateway has kept for its work
inline constexpr std::string_view refunds = "refunds";    ///< what has been given back
inline constexpr std::string_view disputes = "disputes";  ///< what banks have taken back

}  // namespace accounts

/// What an account has come to, in a currency: debits less credits.
struct Balance {
  std::string account;
  std::string currency;
  std::int64_t amount;
};

/// The books: append-only.
class Ledger {
 public:
  explicit Ledger(db::Database& database) : database_(database) {}

  /// The statement call that books a transfer, for the batch that makes it true. Amounts of zero are not booked.
  static std::vector<db::Call> entries(std::vector<Transfer> const& transfers, Time now);

  Task<std::vector<Balance>> balances();
  Task<std::vector<Transfer>> of(Id<Payment> payment);

 private:
  db::Database& database_;
};

}  // namespace balcao::payments

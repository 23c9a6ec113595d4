#pragma once

#include "auth/accounts/store.hpp"
#include "auth/audit/audit.hpp"
#include "auth/login/attempts.hpp"
#include "auth/second_factor/store.hpp"
#include "platform/crypto/sealed.hpp"

namespace balcao::auth {

/// The second factor of those who want one: a TOTP secret (RFC 6238) in an authenticator app, and recovery codes for
/// when the app is lost. Every code, of either kind, is accepted once.
///
/// Where a code is asked for, guesses are counted for each user before they are looked at (see Attempts): Problem
/// too_many_requests.
class SecondFactors {
 public:
  struct Ground {
    SecondFactorStore& store;
    AccountStore& accounts;
    Audit& audit;
    Attempts& attempts;
    std::optional<crypto::Sealer> const& sealer;  ///< none: secrets rest as they are
    Clock const& clock;
  };

  /// What it is given must outlive it.
  explicit SecondFactors(Ground ground) : ground_(ground) {}

  /// Makes a secret, which counts for nothing until it is confirmed; one that was not confirmed is replaced. Problems:
  /// second_factor_enrolled, not_found (no such user).
  Task<Enrolment> begin(Id<User> user);

  /// Enrols: `code` proves that the app holds the secret. Gives the recovery codes, which nobody can be shown again.
  /// Problems: not_found (nothing has been begun), second_factor_enrolled, invalid_fields (the code is wrong).
  Task<std::vector<std::string>> confirm(Id<User> user, std::string code, Actor actor);

  Task<SecondFactorStatus> status(Id<User> user);

  /// New recovery codes; the old ones are void. `code` is the app's or a recovery code. Problems: not_found (no second
  /// factor), invalid_fields (the code is wrong).
  Task<std::vector<std::string>> renew_recovery_codes(Id<User> user, std::string code, Actor actor);

  /// Removes it, as `renew_recovery_codes` does with its code and its Problems.
  Task<> remove(Id<User> user, std::string code, Actor actor);

  /// Removes another's without a code, confirmed or not: whoever has lost app and recovery codes gets in again with his
  /// password. Problem not_found.
  Task<> reset(Id<User> user, Actor actor);

  /// Seals with the first key what rests unsealed or under another one, so that a key can be given up. What no key here
  /// opens stays as it is.
  Task<> renew_seals();

  /// The calls that remove whatever a user who is erased has, for the batch or transaction that erases him.
  std::vector<db::Call> erasure_of(Id<User> user) const { return ground_.store.erase(user); }

  /// What a login asks for once the password was found right; `actor` is whoever tries. Never call it before: it would
  /// tell who has a second factor. A wrong code is written down.
  Task<SecondFactorOutcome> check(Id<User> user, std::optional<std::string> code, Actor actor);

 private:
  Task<StoredFactor> find_confirmed(Id<User> user);
  Task<> require_code(Id<User> user, StoredFactor factor, std::string code, Actor actor);
  Task<bool> accepts(Id<User> user, StoredFactor factor, std::string code, Actor actor);
  Task<bool> uses_up(Id<User> user, StoredFactor factor, std::string secret, std::string code, Actor actor);

  Task<Attempt> count_guess(Id<User> user, Actor actor);

  StoredSecret seal(Id<User> user, std::string const& secret) const;
  std::optional<std::string> open_if_possible(Id<User> user, StoredSecret const& stored) const;
  std::string open(Id<User> user, StoredSecret const& stored) const;

  Ground const ground_;
};

}  // namespace balcao::auth

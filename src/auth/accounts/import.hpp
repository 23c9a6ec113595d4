#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "auth/accounts/store.hpp"
#include "auth/audit/audit.hpp"
#include "platform/jobs/jobs.hpp"

namespace balcao::auth {

/// Brings the users of another system along, with the password hashes that it made: each is checked at the user's first
/// login and replaced by one of ours.
///
/// A line is a JSON object: `username`, `password_hash` (one of ours, or one that crypto::foreign_password knows) and,
/// if wanted, `role`, `disabled` and `created_at`. A line that cannot be taken is refused with its reason, which never
/// holds a hash, and the others go on. Users are stored some hundred at a time, each such batch in one step with their
/// customers' jobs and a line of the audit trail; memory does not grow with the input.
class Import {
 public:
  static constexpr std::size_t longest_line = 64 * 1024;  ///< in bytes
  static constexpr std::size_t batch_size = 250;

  struct Ground {
    AccountStore& store;
    Audit& audit;
    jobs::Jobs& jobs;
    Clock const& clock;
  };

  struct Counts {
    std::uint64_t lines = 0;
    std::uint64_t imported = 0;
    std::uint64_t refused = 0;
  };

  /// Whom it tells, as it goes; `line` counts from 1.
  struct Observer {
    std::function<void(std::uint64_t line, std::string const& why)> refused;
    std::function<void(Counts const&)> progressed;  ///< after each batch, and now and then between bad lines
  };

  /// What it is given must outlive it.
  Import(Ground ground, Observer observer)
      : ground_(ground), observer_(std::move(observer)), begun_(Id<User>::make(ground.clock.now())) {}

  /// Takes every line up to the end. Reading blocks the loop: for the command line. Throws std::runtime_error where the
  /// input cannot be read, and what the database throws; what was stored until then stays, and the same input can be
  /// taken once more: its users are refused then, as their names are taken.
  Task<> run(std::istream& input);

  /// So far.
  Counts const& counts() const { return counts_; }

 private:
  struct Item {
    std::uint64_t line;
    Credentials user;
  };

  void take(std::string_view text);
  void refuse(std::uint64_t line, std::string const& why);
  void refuse_taken(Item const& item, Id<User> owner);
  Task<> store_batch();
  Task<std::vector<Item>> free_ones(std::vector<Item> items);

  Ground const ground_;
  Observer const observer_;
  Id<User> const begun_;  ///< below every id that is made from now on
  Counts counts_;
  std::vector<Item> batch_;
};

}  // namespace balcao::auth

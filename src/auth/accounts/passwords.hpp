#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/model.hpp"
#include "platform/runtime/workers.hpp"

namespace balcao::auth {

/// Hashes passwords and checks them, on the CPU workers. From coroutines on any loop. Those for whom it is done
/// (`share`) take turns. Each call throws Problem `unavailable` where too many wait already.
class Passwords {
 public:
  /// As many hashings run at once as `workers` has threads, each in `hashing.cost` of memory. Hashes that another
  /// system made may take more (platform/crypto/foreign_password): of those one runs at a time. `workers` must outlive
  /// it.
  Passwords(Workers& workers, Hashing hashing);

  Task<std::string> hash(std::string password, WorkShare share = {});
  Task<bool> verify(std::string password, std::string stored, WorkShare share = {});
  /// False, after as long as `verify` takes with a hash of today's cost: for a user who does not exist.
  Task<bool> verify_nobodys(std::string password, WorkShare share = {});

  /// Whether a password is one of those that are guessed first.
  Task<bool> is_common(std::string password, WorkShare share = {});

  /// Whether a stored hash was made with another cost or pepper, or elsewhere, and should be made anew.
  bool needs_rehash(std::string_view stored) const;

 private:
  struct Pepper {
    std::string id;
    std::string secret;
  };

  std::string hash_now(std::string_view password) const;
  bool verify_now(std::string_view password, std::string_view stored) const;
  /// The password as it goes into a hash that names its pepper, which is taken off `stored`; nothing where that pepper
  /// is not known any more.
  std::optional<std::string> season(std::string_view password, std::string_view& stored) const;

  Workers& workers_;
  Workers foreign_;
  crypto::Argon2Cost const cost_;
  std::vector<Pepper> peppers_;
  std::string const nobodys_hash_;
};

}  // namespace balcao::auth

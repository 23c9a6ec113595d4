#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/guard.hpp"

namespace balcao::access {

/// The tokens that have verified, by digest, so that the same token is not checked again with every request: a
/// signature costs more than all the rest of a request. Nothing is remembered of a token that was refused, and what is
/// remembered says nothing about revocation, which is asked every time. It counts only while the verifier's generation
/// is the one under which the token was verified: when a key is taken away, its tokens are no longer known. Each event
/// loop keeps its own and takes no lock. Bounded.
class VerifiedTokens {
 public:
  explicit VerifiedTokens(std::size_t loops);
  ~VerifiedTokens();

  /// Who the token is of, if this loop has verified it and it has not expired.
  std::optional<http::Caller> find(std::string_view digest, Time now, std::uint64_t generation) const;
  /// `expires` is the token's `exp`; `generation` the verifier's from before it verified the token.
  void keep(std::string digest, http::Caller const& caller, Time expires, std::uint64_t generation);

 private:
  struct Shelf;
  std::vector<std::unique_ptr<Shelf>> shelves_;
};

}  // namespace balcao::access

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/guard.hpp"

namespace balcao::access {

/// The tokens that have verified, by digest, so that the same token is not checked again with every request: a
/// signature costs more than all the rest of a request. Nothing is remembered of a token that was refused, and what is
/// remembered says nothing about revocation, which is asked every time. Each event loop keeps its own and takes no
/// lock. Bounded.
class VerifiedTokens {
 public:
  explicit VerifiedTokens(std::size_t loops);
  ~VerifiedTokens();

  /// Who the token is of, if this loop has verified it and it has not expired.
  std::optional<http::Caller> find(std::string_view digest, Time now) const;
  /// `expires` is the token's `exp`.
  void keep(std::string digest, http::Caller const& caller, Time expires);

 private:
  struct Shelf;
  std::vector<std::unique_ptr<Shelf>> shelves_;
};

}  // namespace balcao::access

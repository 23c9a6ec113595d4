#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/message.hpp"
#include "platform/id.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::http {

/// Who may call an endpoint, and which scope (RFC 6749 §3.3) a service account, a program with credentials of its own,
/// needs there: without one the endpoint is closed to service accounts. A user's role decides for him, not a scope.
class Access {
 public:
  static Access const anyone;
  /// Anyone too, but whoever shows a token that is good is known (Visitor). Nobody is asked about it over the network:
  /// where this process cannot tell by itself, the visitor is nobody.
  static Access const visitor;
  static Access const user;
  static Access const administrator;
  static Access const service;  ///< another process of ours, which no document for the public mentions

  /// The same, and open to service accounts that have this scope. `scope` must be a constant.
  constexpr Access with_scope(std::string_view scope) const { return Access(who_, scope); }

  /// Whether it is the other but for the scope.
  constexpr bool is(Access const& other) const { return who_ == other.who_; }
  /// Whether it lets in who has no token.
  constexpr bool is_open() const { return who_ == Who::anyone || who_ == Who::visitor; }
  /// Empty: closed to service accounts.
  constexpr std::string_view scope() const { return scope_; }

 private:
  enum class Who : std::uint8_t { anyone, visitor, user, administrator, service };
  constexpr explicit Access(Who who, std::string_view scope = {}) : who_(who), scope_(scope) {}

  Who who_;
  std::string_view scope_;
};

inline constexpr Access Access::anyone{Who::anyone};
inline constexpr Access Access::visitor{Who::visitor};
inline constexpr Access Access::user{Who::user};
inline constexpr Access Access::administrator{Who::administrator};
inline constexpr Access Access::service{Who::service};

/// Who calls, as the guard found out; nobody in particular where it is a service. A service account is a user, who owns
/// what it makes.
struct Caller {
  Uuid user;
  Uuid session;
  bool administrator = false;
  bool service_account = false;
  std::string scope = {};  ///< what a service account was granted, with spaces between; for the guard alone

  /// The right to another's things: an administrator's, or the owner's own.
  bool may_change(Uuid const& owner) const { return administrator || user == owner; }
};

/// Who asks at an endpoint for visitors, if he is known.
struct Visitor {
  std::optional<Caller> caller;
};

/// Decides, in front of every endpoint that is not for anyone, whether the request may pass. It refuses with a value,
/// not a throw: this is what attackers reach.
class Guard {
 public:
  virtual ~Guard() = default;
  virtual Task<std::expected<Caller, Problem>> admit(Request const& request, Access access) = 0;
};

}  // namespace balcao::http

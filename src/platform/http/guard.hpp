#pragma once

#include <expected>
#include <string>

#include "platform/http/message.hpp"
#include "platform/id.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::http {

/// Who may call an endpoint. `service`: another process of ours, which no document for the public mentions.
enum class Access { anyone, user, administrator, service };

/// Who calls, as the guard found out; nobody in particular where it is a service.
struct Caller {
  Uuid user;
  Uuid session;
  bool administrator = false;

  /// The right to another's things: an administrator's, or the owner's own.
  bool may_change(Uuid const& owner) const { return administrator || user == owner; }
};

/// Decides, in front of every endpoint that is not for anyone, whether the request may pass. It refuses with a value,
/// not a throw: this is what attackers reach.
class Guard {
 public:
  virtual ~Guard() = default;
  virtual Task<std::expected<Caller, Problem>> admit(Request const& request, Access access) = 0;
};

}  // namespace balcao::http

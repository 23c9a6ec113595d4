#pragma once

#include <optional>
#include <string>
#include <vector>

#include "payments/model.hpp"
#include "platform/fields.hpp"

namespace balcao::payments {

using ClientName = BoundedText<1, 256>;

/// What is to be changed of a customer, and the gateway is not known to have changed yet.
struct ClientChange {
  Uuid id;
  std::optional<std::string> email;  ///< none: as it is
  std::optional<std::string> name;
};

/// A customer at the gateway, mirrored here, so that lists work while the gateway is away. Users create them; and every
/// user is one himself, made for him when he registers, who has the user's own id.
struct Client {
  /// `pending`: the gateway has been asked, or will be, and its answer is not known yet. `refused`: it has said no.
  enum class Status { pending, active, refused };

  Id<Client> id;
  Id<Owner> owner;
  std::optional<std::string> email;  ///< none for a user's own: Auth does not ask for one
  std::string name;
  std::optional<std::string> gateway_id;  ///< `cus_…`
  std::optional<std::string> refusal;     ///< the gateway's code
  Time created_at;
  std::optional<ClientChange> change = {};  ///< the latest, with what the ones before it still had to change
  bool deleted = false;                     ///< gone for those who ask, and being deleted at the gateway
  std::int64_t revision = 0;                ///< grows with every change that the gateway is known to have made

  Status status() const {
    if (gateway_id) return Status::active;
    return refusal ? Status::refused : Status::pending;
  }
  bool is_own() const { return id.uuid == owner.uuid; }
};

std::string_view to_string(Client::Status status);

/// The id of the client that a user is himself.
inline Id<Client> own_client(Id<Owner> user) { return {user.uuid}; }

/// Newest first, behind `after`.
struct ClientListRequest {
  std::optional<Id<Owner>> owner;  ///< those that he has created; none: all there are
  std::int64_t limit = 20;
  std::optional<Id<Client>> after;
};

namespace problems {

inline constexpr ProblemType too_many_clients{409, "too_many_clients", "Too many customers", "Clientes demais"};

}  // namespace problems

struct ClientPage {
  std::vector<Client> clients;
  std::optional<Id<Client>> next;
};

}  // namespace balcao::payments

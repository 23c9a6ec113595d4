#include "access/scopes.hpp"
#include "auth/auth.hpp"
#include "auth/extract.hpp"
#include "auth/routes.hpp"
#include "platform/fields.hpp"
#include "platform/http/paging.hpp"
#include "platform/json/describe.hpp"
#include "platform/json/parse.hpp"

namespace balcao::auth {
namespace {

using http::Access;
using http::Body;
using http::Method;
using http::NoContent;
using http::Ok;
using http::Path;
using http::Query;

/// The name of an event of the audit trail.
class EventName {
 public:
  static std::expected<EventName, Text> parse(std::string_view text) {
    if (auto const event = parse_event(text)) return EventName(*event);
    return std::unexpected(Text{"There is no such event.", "Não existe este evento."});
  }
  static json::Value schema() { return {{"type", "string"}}; }
  std::string_view str() const { return to_string(event_); }

 private:
  explicit EventName(Event event) : event_(event) {}
  Event event_;
};

struct UserListQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<User>> cursor;
  std::optional<Username> username;
};
BOOST_DESCRIBE_STRUCT(UserListQuery, (), (limit, cursor, username))

struct ManagedUserView {
  Id<User> id;
  std::string username;
  std::string role;
  bool disabled;
  Time created_at;
};
BOOST_DESCRIBE_STRUCT(ManagedUserView, (), (id, username, role, disabled, created_at))

struct UserList {
  std::vector<ManagedUserView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(UserList, (), (data, next_cursor, has_more))

struct UserChange {
  std::optional<RoleName> role;
  std::optional<bool> disabled;
};
BOOST_DESCRIBE_STRUCT(UserChange, (), (role, disabled))

struct AuditQuery {
  std::optional<BoundedInteger<1, 100>> limit;
  std::optional<Id<AuditEntry>> cursor;
  std::optional<EventName> event;
  std::optional<Id<User>> user;
};
BOOST_DESCRIBE_STRUCT(AuditQuery, (), (limit, cursor, event, user))

struct AuditEntryView {
  Id<AuditEntry> id;
  std::string event;
  std::optional<Id<User>> actor_id;
  std::optional<Id<User>> user_id;
  std::string address;
  std::string user_agent;
  json::Value details;
  Time created_at;
};
BOOST_DESCRIBE_STRUCT(AuditEntryView, (), (id, event, actor_id, user_id, address, user_agent, details, created_at))

struct AuditList {
  std::vector<AuditEntryView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(AuditList, (), (data, next_cursor, has_more))

ManagedUserView show_user(User const& user) {
  return {user.id, user.username, std::string(to_string(user.role)), user.disabled, user.created_at};
}

AuditEntryView show_entry(AuditEntry const& entry) {
  return {entry.id,
          entry.event,
          entry.actor,
          entry.user,
          entry.address,
          entry.user_agent,
          *json::parse(entry.details),
          entry.created_at};
}

Task<http::Paged<UserList>> list_users(Service& auth, http::Target target, Query<UserListQuery> query) {
  auto const limit = http::limit_of(query.value.limit);
  UserListRequest request{.after = query.value.cursor, .limit = limit + 1};
  if (query.value.username) request.username = query.value.username->str();
  co_return http::page_of<UserList>(co_await auth.administration().list(std::move(request)), limit, target, show_user);
}

Task<Ok<ManagedUserView>> find_user(Service& auth, Path<"id", Id<User>> id) {
  co_return Ok<ManagedUserView>{show_user(co_await auth.accounts().find(id.value))};
}

Task<Ok<ManagedUserView>> change_user(Service& auth, Actor actor, Path<"id", Id<User>> id, Body<UserChange> body) {
  auto const& [role, disabled] = body.value;
  co_await auth.accounts().find(id.value);
  if (role) co_await auth.administration().set_role(actor, id.value, role->role());
  if (disabled) co_await auth.administration().set_disabled(actor, id.value, *disabled);
  co_return Ok<ManagedUserView>{show_user(co_await auth.accounts().find(id.value))};
}

Task<NoContent> end_sessions(Service& auth, Actor actor, Path<"id", Id<User>> id) {
  co_await auth.accounts().find(id.value);
  co_await auth.sessions().end_all(actor, id.value, {});
  co_return NoContent{};
}

Task<http::Paged<AuditList>> list_audit(Service& auth, http::Target target, Query<AuditQuery> query) {
  auto const limit = http::limit_of(query.value.limit);
  AuditFilter filter{.user = query.value.user};
  if (query.value.event) filter.event = query.value.event->str();
  co_return http::page_of<AuditList>(co_await auth.audit().list(std::move(filter), query.value.cursor, limit + 1),
                                     limit, target, show_entry);
}

}  // namespace

http::Endpoints administration_endpoints(Service& auth) {
  auto const tag = "Administration";
  auto const reader = Access::administrator.with_scope(access::scopes::users_read);
  return {
      http::endpoint(Method::get, "/users", reader, {tag, "listUsers", "The users, the newest first"}, auth,
                     list_users),
      http::endpoint(Method::get, "/users/{id}", reader, {tag, "getUser", "One user"}, auth, find_user),
      http::endpoint(Method::patch, "/users/{id}", Access::administrator,
                     {tag,
                      "changeUser",
                      "Change a user's role, shut him out or let him in again",
                      {&problems::last_administrator}},
                     auth, change_user),
      http::endpoint(Method::del, "/users/{id}/sessions", Access::administrator,
                     {tag, "endSessionsOfUser", "End all sessions of a user"}, auth, end_sessions),
      http::endpoint(Method::get, "/audit", reader,
                     {tag, "listAudit", "What happened that matters to security, the newest first"}, auth, list_audit),
  };
}

}  // namespace balcao::auth

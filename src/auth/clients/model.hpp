#pragma once

#include <vector>

#include "auth/model.hpp"

namespace balcao::auth {

/// One of the scopes that there are (access/scopes.hpp).
class Scope {
 public:
  static std::expected<Scope, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return name_; }

 private:
  explicit Scope(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

/// As tokens carry them (RFC 6749 §3.3): each once, in order, with spaces between.
std::string join(std::vector<Scope> const& scopes);
/// The names between its spaces, empty ones too.
std::vector<std::string> split_scope(std::string_view scope);
/// Those of `granted` that are asked for; nothing where another one is too, or `wanted` is malformed.
std::optional<std::string> narrow(std::string_view granted, std::string_view wanted);

/// A user that is a program: it has a secret in place of a password, and scopes in place of a role. Its client_id is
/// the user's id.
struct ServiceAccount {
  Id<User> id;
  std::string name;
  bool disabled = false;
  std::string scope;  ///< what it may be granted
  Time created_at;
  Time secret_changed_at;
};

/// What a client is granted: no refresh token, for it can always ask for another (RFC 6749 §4.4.3).
struct ServiceToken {
  std::string access_token;
  std::chrono::seconds expires_in;
  std::string scope;
};

/// The only time that the secret is to be seen.
struct WithSecret {
  ServiceAccount account;
  std::string secret;
};

}  // namespace balcao::auth

#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/crypto/password.hpp"
#include "platform/id.hpp"
#include "platform/json/value.hpp"
#include "platform/problem.hpp"

namespace balcao::auth {

/// 3 to 64 of `a-z 0-9 . _ -`. Case makes no difference: it is kept in lower case.
class Username {
 public:
  static std::expected<Username, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return text_; }

 private:
  explicit Username(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A password that someone chooses: at least PASSWORD_MIN_LENGTH code points, which the rules check, and at most 1024
/// bytes.
class NewPassword {
 public:
  static constexpr std::size_t max_bytes = 1024;

  static std::expected<NewPassword, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return text_; }

 private:
  explicit NewPassword(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// `service`: a program, whose scopes say what it may do.
enum class Role { user, admin, service };
std::string_view to_string(Role role);
Role parse_role(std::string_view text);

/// The name of a role that a person can have: `user` or `admin`.
class RoleName {
 public:
  static std::expected<RoleName, Text> parse(std::string_view text);
  static json::Value schema();
  std::string_view str() const { return to_string(role_); }
  Role role() const { return role_; }

 private:
  explicit RoleName(Role role) : role_(role) {}
  Role role_;
};

struct User {
  Id<User> id;
  std::string username;
  Role role = Role::user;
  bool disabled = false;
  Time created_at;
};

/// From where a request comes.
struct Origin {
  std::string address;
  std::string user_agent;  ///< what the client says it is

  /// The user agent cut to 256 bytes of visible ASCII: a header may hold any bytes, a database's text only UTF-8.
  static Origin of(std::string address, std::string user_agent);
};

/// Who does something: a user, or somebody who is not known, from an address; or the command line.
struct Actor {
  std::optional<Id<User>> user;
  Origin origin;

  static Actor command_line() { return {{}, {"command line", {}}}; }
};

/// A login and what has come of it; its id is the `sid` of its access tokens.
struct Session {
  Id<Session> id;
  Id<User> user;
  Time expires_at;
};

/// What a login or a refresh gives.
struct Tokens {
  std::string access_token;
  std::chrono::seconds expires_in;
  std::string refresh_token;
  std::chrono::seconds refresh_expires_in;
  Id<Session> session;
};

/// What passwords are hashed with.
struct Hashing {
  crypto::Argon2Cost cost = {};
  /// Secrets that are mixed into every hash and kept apart from the database, so that who has only that cannot guess
  /// at its passwords. The first is used, the others are still known.
  std::vector<std::string> peppers = {};
};

/// The `client_id` of users' tokens: they are given by Balcão itself.
inline constexpr std::string_view own_client_id = "balcao";

struct Settings {
  std::string issuer = "balcao";
  std::string audience = "balcao";
  std::chrono::seconds access_token_life = std::chrono::minutes(15);
  std::chrono::seconds refresh_token_life = std::chrono::days(30);  ///< unused for this long, a session is over
  std::chrono::seconds session_life = std::chrono::days(90);        ///< used or not, a session is over then
  std::chrono::seconds refresh_grace{10};  ///< a token just rotated still gives the same successor
  Hashing hashing = {};
  std::size_t password_min_length = 8;
  std::int64_t attempts_per_account = 10;   ///< failed logins in one window
  std::int64_t attempts_per_address = 100;  ///< also of a /64 network; 4 and 16 times as many of a /56 and a /48
  std::chrono::seconds attempt_window = std::chrono::minutes(5);
  std::int64_t registrations_per_address = 60;  ///< in an hour; of wider networks as with attempts
  std::size_t sessions_per_user = 100;          ///< one more ends the least recently used
  std::int64_t tokens_per_client = 1000;        ///< that a service account is granted within an access token's life
};

namespace problems {

inline constexpr ProblemType username_taken{409, "username_taken", "The username is taken",
                                            "O nome de usuário já está em uso"};
inline constexpr ProblemType invalid_credentials{401, "invalid_credentials", "The username or the password is wrong",
                                                 "O nome de usuário ou a senha está errado"};
inline constexpr ProblemType last_administrator{409, "last_administrator", "This is the last administrator",
                                                "Este é o último administrador"};
inline constexpr ProblemType invalid_token{401, "invalid_token", "The token is not valid", "O token não é válido"};

}  // namespace problems
}  // namespace balcao::auth

#include <cstdio>

#include "app/auth_settings.hpp"
#include "app/commands/commands.hpp"
#include "app/storage.hpp"
#include "auth/keys/rotation.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app::commands {
namespace {

/// The signing keys in the database, beside a server that may be running on it.
struct Cabinet {
  explicit Cabinet(Config const& config)
      : storage(place_of(config), Storage::Use::shared, loops, {"auth"}),
        rotation({store, audit, system_clock()}, key_settings(config), auth_settings(config).access_token_life) {
    run_to_end(loops[0], migrate());
  }

  Task<> migrate() { co_await storage.migrate(system_clock()); }

  Loops loops{1};
  Storage storage;
  auth::AuditStore audit_store{storage.database("auth")};
  auth::Audit audit{audit_store, system_clock()};
  auth::KeyStore store{storage.database("auth")};
  auth::KeyRotation rotation;
};

constexpr auto nothing_to_rotate =
    "JWT_SECRET is set: tokens are signed with it, and there is nothing to rotate. Another JWT_SECRET, the same in "
    "every process, ends the access tokens that were signed with this one.";

/// To the second.
std::string shown(Time time) { return to_rfc3339(std::chrono::floor<std::chrono::seconds>(time)).substr(0, 19) + 'Z'; }

Task<> list(Cabinet& cabinet) {
  auto const keys = (co_await cabinet.store.read()).keys;
  if (keys.empty()) std::printf("there is no key yet; the first one is made when the server starts\n");
  auto const signing = keys.empty() ? 0 : auth::signing_at(keys, system_clock().now());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto const* const state = i < signing ? "retiring" : i == signing ? "signing" : "next";
    std::printf("%s  %-5s  %-8s  from %s  %s\n", keys[i].kid.c_str(),
                std::string(jwt::to_string(keys[i].algorithm)).c_str(), state, shown(keys[i].signs_from).c_str(),
                keys[i].sealed ? "sealed" : "not sealed");
  }
}

Task<> rotate(Cabinet& cabinet, auth::Handover handover) {
  auto const key = co_await cabinet.rotation.rotate(handover, auth::Actor::command_line());
  std::printf("%s  %s  signs from %s on\n", key.kid.c_str(), std::string(jwt::to_string(key.algorithm)).c_str(),
              shown(key.signs_from).c_str());
  if (handover == auth::Handover::revoking) {
    std::printf(
        "the keys before it are gone: their access tokens are refused within a second; refresh tokens are good\n");
  } else {
    std::printf("the key before it is accepted until %s\n", shown(cabinet.rotation.retired_at(key.signs_from)).c_str());
  }
}

}  // namespace

void list_keys(Config const& config) {
  if (config.jwt_secret) {
    std::printf("%s\n", nothing_to_rotate);
    return;
  }
  Cabinet cabinet(config);
  run_to_end(cabinet.loops[0], list(cabinet));
}

void rotate_keys(Config const& config, bool now, bool revoke) {
  if (config.jwt_secret) throw std::invalid_argument(nothing_to_rotate);
  Cabinet cabinet(config);
  auto const handover = revoke ? auth::Handover::revoking : now ? auth::Handover::soon : auth::Handover::published;
  run_to_end(cabinet.loops[0], rotate(cabinet, handover));
}

}  // namespace balcao::app::commands

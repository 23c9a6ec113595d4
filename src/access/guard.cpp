#include "access/guard.hpp"

#include "access/scopes.hpp"
#include "platform/crypto/hash.hpp"

namespace balcao::access {
namespace {

/// 403 with the challenge of RFC 6750 §3.1; `needed` is empty where no scope would be enough.
Problem insufficient_scope(std::string_view needed) {
  std::string challenge = R"(Bearer realm="balcao", error="insufficient_scope")";
  if (!needed.empty()) challenge += ", scope=\"" + std::string(needed) + "\"";
  Text detail{"No service account may do this.", "Nenhuma conta de serviço pode fazer isto."};
  if (!needed.empty()) {
    auto const quoted = '`' + std::string(needed) + '`';
    detail = {"A service account needs the scope " + quoted + " here.",
              "Uma conta de serviço precisa do escopo " + quoted + " aqui."};
  }
  return Problem(problems::insufficient_scope, std::move(detail)).with_header("WWW-Authenticate", std::move(challenge));
}

/// Why whom we know may not call this, if so.
std::optional<Problem> refusal(http::Caller const& caller, http::Access const& access) {
  if (caller.service_account) {
    if (scopes::contains(caller.scope, access.scope())) return std::nullopt;
    return insufficient_scope(access.scope());
  }
  if (!access.is(http::Access::administrator) || caller.administrator) return std::nullopt;
  return Problem(problems::forbidden, {"Only an administrator may do this.", "Só um administrador pode fazer isto."});
}

}  // namespace

Problem unauthorized(std::string_view error) {
  std::string challenge = "Bearer realm=\"balcao\"";
  if (!error.empty()) challenge += ", error=\"" + std::string(error) + "\"";
  Text detail = error.empty() ? Text{"Send an access token: `Authorization: Bearer …`.",
                                     "Envie um token de acesso: `Authorization: Bearer …`."}
                              : Text{"The access token is not valid, has expired, or its session has ended.",
                                     "O token de acesso não é válido, expirou, ou sua sessão terminou."};
  return Problem(problems::unauthorized, std::move(detail)).with_header("WWW-Authenticate", std::move(challenge));
}

std::optional<http::Caller> Guard::identify(std::string_view token) {
  auto const now = ground_.clock.now();
  auto const generation = ground_.verifier.generation();
  auto digest = crypto::sha256(token);
  if (auto const known = verified_.find(digest, now, generation)) return known;

  auto const claims = ground_.verifier.verify(token, now);
  auto const user = claims ? Uuid::parse(claims->sub) : std::nullopt;
  auto const session = claims ? Uuid::parse(claims->sid) : std::nullopt;
  if (!user || !session) return std::nullopt;
  bool const service_account = claims->role == role_service;
  http::Caller caller{*user, *session, claims->role == role_admin, service_account,
                      service_account ? claims->scope : std::string()};
  verified_.keep(std::move(digest), caller, Time(std::chrono::seconds(claims->exp)), generation);
  return caller;
}

Task<std::expected<bool, Problem>> Guard::ask_auth(Uuid session, http::Request const& request) {
  try {
    co_return co_await ground_.auth.is_open(session, request.trace());
  } catch (Problem const& away) {
    co_return std::unexpected(away);
  }
}

Task<std::expected<http::Caller, Problem>> Guard::admit(http::Request const& request, http::Access access) {
  auto const token = request.bearer_token();
  if (!token) co_return std::unexpected(unauthorized(""));
  if (access.is(http::Access::service)) {
    if (!ground_.service_tokens.verify(*token)) co_return std::unexpected(unauthorized("invalid_token"));
    co_return http::Caller{};
  }
  auto const caller = identify(*token);
  if (!caller || ground_.revocations.contains(caller->session)) {
    co_return std::unexpected(unauthorized("invalid_token"));
  }
  if (!ground_.feed.is_current()) {
    if (access.is(http::Access::visitor)) co_return std::unexpected(Problem(problems::unavailable));
    auto const open = co_await ask_auth(caller->session, request);
    if (!open) co_return std::unexpected(open.error());
    if (!*open) co_return std::unexpected(unauthorized("invalid_token"));
  }
  if (auto refused = refusal(*caller, access)) co_return std::unexpected(std::move(*refused));
  co_return *caller;
}

}  // namespace balcao::access

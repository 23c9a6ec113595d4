#include "access/guard.hpp"

#include "platform/crypto/hash.hpp"

namespace balcao::access {

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
  http::Caller const caller{*user, *session, claims->role == role_admin};
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
  if (access == http::Access::service) {
    if (!ground_.service_tokens.verify(*token)) co_return std::unexpected(unauthorized("invalid_token"));
    co_return http::Caller{};
  }
  auto const caller = identify(*token);
  if (!caller || ground_.revocations.contains(caller->session)) {
    co_return std::unexpected(unauthorized("invalid_token"));
  }
  if (!ground_.feed.is_current()) {
    auto const open = co_await ask_auth(caller->session, request);
    if (!open) co_return std::unexpected(open.error());
    if (!*open) co_return std::unexpected(unauthorized("invalid_token"));
  }
  if (access == http::Access::administrator && !caller->administrator) {
    co_return std::unexpected(
        Problem(problems::forbidden, {"Only an administrator may do this.", "Só um administrador pode fazer isto."}));
  }
  co_return *caller;
}

}  // namespace balcao::access

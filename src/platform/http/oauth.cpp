#include "platform/http/oauth.hpp"

#include "platform/crypto/hash.hpp"
#include "platform/json/describe.hpp"

namespace balcao::http {
namespace oauth {
namespace {

constexpr std::string_view client_refused = "invalid_client";

struct OAuthError {
  std::string error;
  std::string error_description;
};
BOOST_DESCRIBE_STRUCT(OAuthError, (), (error, error_description))

Answer<ClientCredentials> decode_basic(std::string_view credentials) {
  auto const pair = crypto::from_base64(credentials);
  auto const colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::unexpected(invalid_client("The Basic credentials are malformed."));
  auto id = percent_decode(std::string_view(*pair).substr(0, colon), true);
  auto secret = percent_decode(std::string_view(*pair).substr(colon + 1), true);
  if (!id || !secret) {
    return std::unexpected(invalid_client("The id and the secret in Basic credentials are form-urlencoded."));
  }
  return ClientCredentials{std::move(*id), std::move(*secret)};
}

}  // namespace

Error invalid_request(std::string description) { return {"invalid_request", std::move(description)}; }

Error invalid_client(std::string description) { return {client_refused, std::move(description)}; }

Answer<ClientCredentials> client_credentials(Basic const& basic, std::optional<std::string> const& client_id,
                                             std::optional<std::string> const& client_secret) {
  if (!basic.value) {
    if (client_id && client_secret) return ClientCredentials{*client_id, *client_secret};
    return std::unexpected(invalid_client("Authenticate by HTTP Basic, or by client_id and client_secret."));
  }
  if (client_secret) return std::unexpected(invalid_request("Authenticate in one way only."));
  auto credentials = decode_basic(*basic.value);
  if (credentials && client_id && *client_id != credentials->id) {
    return std::unexpected(invalid_request("client_id is another than that of the Basic credentials."));
  }
  return credentials;
}

Answer<json::Object> read_parameters(Request const& request) {
  if (!equal_ignoring_case(media_type(request), "application/x-www-form-urlencoded")) {
    return std::unexpected(invalid_request("Send application/x-www-form-urlencoded."));
  }
  auto form = read_form(request.body);
  if (!form) return std::unexpected(invalid_request("The form is malformed, or has a parameter twice."));
  json::Object parameters;
  for (auto const& [name, value] : *form) {
    if (!value.as_string().empty()) parameters.emplace(name, value);
  }
  return parameters;
}

Response refuse(Error const& error) {
  bool const is_client = error.error == client_refused;
  auto response = detail::json_response(is_client ? 401 : 400, OAuthError{std::string(error.error), error.description});
  if (is_client) response.header("WWW-Authenticate", "Basic realm=\"balcao\"");
  response.header("Cache-Control", "no-store");
  return response;
}

void document_form(Operation& operation, json::Value schema) {
  schema.as_object().erase("additionalProperties");  // what is not known is ignored
  for (auto& [name, member] : schema.at("properties").as_object()) member = json::Object{{"type", "string"}};
  operation.request_body = {{"required", true},
                            {"content", {{"application/x-www-form-urlencoded", {{"schema", std::move(schema)}}}}}};
}

void document_errors(json::Object& responses, json::Schemas& schemas) {
  json::Object const content{{"application/json", {{"schema", json::Codec<OAuthError>::schema(schemas)}}}};
  responses["400"] = {{"description", "The request is refused (RFC 6749 §5.2)."}, {"content", content}};
  responses["401"] = {{"description", "`invalid_client`: who asks did not prove who it is."}, {"content", content}};
}

}  // namespace oauth

std::optional<oauth::Basic> Extract<oauth::Basic>::take(Exchange& exchange) {
  constexpr std::string_view scheme = "Basic ";
  auto const field = exchange.request.header("Authorization");
  if (!field || !equal_ignoring_case(field->substr(0, scheme.size()), scheme)) return oauth::Basic{};
  return oauth::Basic{std::string(field->substr(scheme.size()))};
}

}  // namespace balcao::http

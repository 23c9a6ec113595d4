#include "sandbox/transport/credentials.hpp"

#include "platform/crypto/hash.hpp"

namespace balcao::sandbox {
namespace {

constexpr std::string_view test_key_prefix = "sk_test_";

/// The key of `Authorization`, empty where there is none.
std::string key_of(http::Request const& request) {
  if (auto const bearer = request.bearer_token()) return std::string(*bearer);
  static constexpr std::string_view scheme = "Basic ";
  auto const credentials = request.header("Authorization").value_or("");
  if (!http::equal_ignoring_case(credentials.substr(0, scheme.size()), scheme)) return {};
  auto const pair = crypto::from_base64(credentials.substr(scheme.size())).value_or("");
  return pair.substr(0, pair.find(':'));
}

}  // namespace

std::optional<ApiError> refuse_credentials(http::Request const& request, std::optional<std::string> const& secret_key) {
  static constexpr std::string_view type = "invalid_request_error";
  auto const key = key_of(request);
  if (key.empty()) {
    return ApiError(401, std::string(type),
                    "You did not provide an API key. You need to provide your API key in the Authorization header, "
                    "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");
  }
  bool const known = secret_key ? crypto::equal_in_constant_time(key, *secret_key)
                                : key.starts_with(test_key_prefix) && key.size() > test_key_prefix.size();
  if (known) return std::nullopt;
  return ApiError(401, std::string(type),
                  "Invalid API Key provided: this is a sandbox, and it takes its test key only.");
}

}  // namespace balcao::sandbox

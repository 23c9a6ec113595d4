#include "sandbox/webhooks/signature.hpp"

#include "platform/crypto/hash.hpp"
#include "sandbox/transport/list.hpp"

namespace balcao::sandbox::webhooks {

std::string signature(std::string_view body, std::string_view secret, Time now) {
  auto const time = std::to_string(to_unix(now));
  return "t=" + time + ",v1=" + crypto::to_hex(crypto::hmac_sha256(secret, time + "." + std::string(body)));
}

}  // namespace balcao::sandbox::webhooks

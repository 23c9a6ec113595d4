// Whatever a client writes into X-Forwarded-For, it is known by an address, and by its own where the proxy adds that.
#include <cstdint>
#include <cstdlib>

#include "platform/http/trusted_proxies.hpp"

namespace http = balcao::http;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static auto const proxies = http::TrustedProxies::parse("10.0.0.0/8,::1").value();
  std::string const text(reinterpret_cast<char const*>(data), size);
  http::TrustedProxies::parse(text);

  http::Request request;
  request.headers.emplace_back("X-Forwarded-For", text);
  if (!http::TrustedProxies::parse(proxies.client_of("10.0.0.1", request))) std::abort();
  if (proxies.client_of("203.0.113.7", request) != "203.0.113.7") std::abort();

  auto const appended = text + ", 203.0.113.7";
  request.headers.back().second = appended;
  if (proxies.client_of("10.0.0.1", request) != "203.0.113.7") std::abort();
  return 0;
}

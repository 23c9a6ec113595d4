#include "platform/http/client_network.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v6.hpp>

namespace balcao::http {

std::string client_network(std::string_view address) {
  boost::system::error_code fault;
  auto const parsed = boost::asio::ip::make_address(std::string(address), fault);
  if (fault) return std::string(address);
  if (parsed.is_loopback()) return {};
  if (parsed.is_v4()) return parsed.to_string();
  constexpr unsigned short network_bits = 64;
  auto bytes = parsed.to_v6();
  bytes.scope_id(0);
  return boost::asio::ip::make_network_v6(bytes, network_bits).canonical().to_string();
}

}  // namespace balcao::http

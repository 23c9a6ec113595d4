#include "platform/network/tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

namespace balcao::network {

namespace asio = boost::asio;

void expect_host(asio::ssl::stream<asio::ip::tcp::socket&>& stream, std::string host) {
  boost::system::error_code is_name;
  asio::ip::make_address(host, is_name);
  if (is_name) {
    if (host.ends_with('.')) host.pop_back();  // neither certificates nor SNI write the root's dot
    SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
  }
  stream.set_verify_callback(asio::ssl::host_name_verification(host));
}

}  // namespace balcao::network

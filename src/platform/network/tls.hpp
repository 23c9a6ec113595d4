#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <string>

namespace balcao::network {

/// Before the handshake: the peer must show a certificate for this host, a name or an address (RFC 6125), and is told
/// the name that is asked for. An address is never sent as a name (RFC 6066 §3).
void expect_host(boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>& stream, std::string host);

}  // namespace balcao::network

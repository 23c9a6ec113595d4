#include "platform/http/origin.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <stdexcept>

#include "platform/network/port.hpp"

namespace balcao::http {
namespace {

/// Nothing for what is no usable `http` or `https` address.
std::optional<boost::urls::url_view> parse(std::string_view text) {
  auto const url = boost::urls::parse_uri(text);
  if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty()) return std::nullopt;
  // Boost.URL 1.81 reads an IPv4 address off the front of a name like 127.0.0.1.shop.example, and takes the rest of the
  // name for the path. A path behind a host starts with a slash (RFC 3986 §3.3).
  std::string_view const path = url->encoded_path();
  if (!path.empty() && !path.starts_with('/')) return std::nullopt;
  if (url->has_port() && !url->port().empty() && !network::parse_port(url->port())) return std::nullopt;
  return *url;
}

}  // namespace

Origin parse_origin(std::string const& base_url) {
  auto const url = parse(base_url);
  if (!url || url->has_query()) throw std::invalid_argument("'" + base_url + "' is not an http or https address");
  Origin origin;
  origin.tls = url->scheme() == "https";
  origin.host = url->host_address();
  bool const has_port = url->has_port() && !url->port().empty();
  constexpr std::uint16_t http_port = 80;
  constexpr std::uint16_t https_port = 443;
  origin.port = has_port ? *network::parse_port(url->port()) : (origin.tls ? https_port : http_port);
  origin.authority = std::string(url->encoded_host_and_port());
  origin.path = std::string(url->encoded_path());
  while (origin.path.ends_with('/')) origin.path.pop_back();
  return origin;
}

std::optional<AddressParts> split_address(std::string_view text) {
  auto const url = parse(text);
  if (!url) return std::nullopt;
  std::string target(url->encoded_target());
  if (!target.starts_with('/')) target.insert(0, "/");
  return AddressParts{std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port()),
                      url->host_address(), std::move(target)};
}

}  // namespace balcao::http

#include "platform/shared/redis/server.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <stdexcept>

#include "platform/network/port.hpp"

namespace balcao::shared::redis {
namespace {

unsigned parse_database(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.empty()) return 0;
  unsigned number = 0;
  auto const [end, fault] = std::from_chars(path.data(), path.data() + path.size(), number);
  if (fault != std::errc{} || end != path.data() + path.size())
    throw std::invalid_argument("the path of a Redis address is the number of a database, as in redis://host:6379/0");
  return number;
}

boost::asio::ssl::context make_tls(std::string const& ca_file) {
  boost::asio::ssl::context context(boost::asio::ssl::context::tls_client);
  context.set_options(boost::asio::ssl::context::no_tlsv1 | boost::asio::ssl::context::no_tlsv1_1);
  context.set_default_verify_paths();
  context.set_verify_mode(boost::asio::ssl::verify_peer);
  boost::system::error_code fault;
  if (!ca_file.empty()) context.load_verify_file(ca_file, fault);
  if (fault) throw std::invalid_argument("'" + ca_file + "' cannot be read as certificates: " + fault.message());
  return context;
}

}  // namespace

std::string Server::name() const {
  return (host.contains(':') ? "[" + host + "]:" : host + ":") + std::to_string(port);
}

Server parse_server(std::string const& url, std::string const& ca_file) {
  auto const parts = boost::urls::parse_uri(url);
  if (!parts || (parts->scheme() != "redis" && parts->scheme() != "rediss") || parts->host_address().empty())
    throw std::invalid_argument("a Redis address is redis://host:port or rediss://user:password@host:port/database");
  if (parts->has_query() || parts->has_fragment())
    throw std::invalid_argument("a Redis address has neither a query nor a fragment");

  Server server;
  server.host = parts->host_address();
  if (parts->has_port() && !parts->port().empty()) {
    auto const port = network::parse_port(parts->port());
    if (!port) throw std::invalid_argument("the port of a Redis address is a number from 1 to 65535");
    server.port = *port;
  }
  if (!parts->user().empty()) server.user = parts->user();
  server.password = parts->password();
  if (!parts->user().empty() && server.password.empty())
    throw std::invalid_argument("a Redis address with a user needs a password, as in redis://user:password@host:port");
  server.database = parse_database(std::string(parts->path()));
  if (parts->scheme() == "rediss") server.tls = make_tls(ca_file);
  return server;
}

}  // namespace balcao::shared::redis

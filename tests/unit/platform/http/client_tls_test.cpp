#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

#include "platform/http/client.hpp"
#include "scripted_server.hpp"

namespace balcao::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::asio::ip::tcp;

/// A certificate for the names given, which this process trusts for as long as it lives.
class TrustedCertificate {
 public:
  explicit TrustedCertificate(std::string const& names) {
    std::string name = (std::filesystem::temp_directory_path() / "balcao-tls-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = name;
    auto const making =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test "
        "-addext subjectAltName=" +
        names + " -keyout '" + key() + "' -out '" + certificate() + "' 2>/dev/null";
    if (std::system(making.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
    ::setenv("SSL_CERT_FILE", certificate().c_str(), 1);
  }
  ~TrustedCertificate() {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(directory_);
  }
  TrustedCertificate(TrustedCertificate const&) = delete;

  std::string key() const { return (directory_ / "key").string(); }
  std::string certificate() const { return (directory_ / "certificate").string(); }

 private:
  std::filesystem::path directory_;
};

/// Answers one request over TLS, and keeps the name that the client asked for.
class TlsServer {
 public:
  explicit TlsServer(TrustedCertificate const& files) {
    context_.use_private_key_file(files.key(), ssl::context::pem);
    context_.use_certificate_file(files.certificate(), ssl::context::pem);
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsServer() { thread_.join(); }

  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  /// Once a client has come. Nothing: it named no host.
  std::optional<std::string> asked_for() {
    thread_.join();
    thread_ = std::thread([] {});
    return asked_for_;
  }

 private:
  void serve() {
    ssl::stream<tcp::socket> stream(acceptor_.accept(), context_);
    boost::system::error_code fault;
    stream.handshake(ssl::stream_base::server, fault);
    if (auto const* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name)) asked_for_ = name;
    std::string request;
    boost::asio::read_until(stream, boost::asio::dynamic_buffer(request), "\r\n\r\n", fault);
    boost::asio::write(stream, boost::asio::buffer(test::ok), fault);
  }

  boost::asio::io_context loop_;
  tcp::acceptor acceptor_{loop_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  ssl::context context_{ssl::context::tls_server};
  std::optional<std::string> asked_for_;
  std::thread thread_;
};

class TlsClientTest : public test::ClientTest {};

TEST_F(TlsClientTest, TellsTheNameThatItAsksFor) {
  TrustedCertificate const certificate("DNS:localhost");
  TlsServer server(certificate);
  EXPECT_EQ(outcome(client("https://localhost:" + server.port()), read), "200");
  EXPECT_EQ(server.asked_for(), "localhost");
}

TEST_F(TlsClientTest, ChecksAnAddressButDoesNotSendItAsAName) {
  TrustedCertificate const certificate("IP:127.0.0.1");
  TlsServer server(certificate);
  EXPECT_EQ(outcome(client("https://127.0.0.1:" + server.port()), read), "200");
  EXPECT_EQ(server.asked_for(), std::nullopt);
}

TEST_F(TlsClientTest, SendsNothingToAnotherHost) {
  for (auto const* names : {"DNS:example.com", "IP:192.0.2.1", "DNS:127.0.0.1"}) {
    TrustedCertificate const certificate(names);
    TlsServer const server(certificate);
    EXPECT_EQ(outcome(client("https://127.0.0.1:" + server.port()), read), "not executed") << names;
  }
}

}  // namespace
}  // namespace balcao::http

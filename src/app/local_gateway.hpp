#pragma once

#include <string>

#include "platform/crypto/random.hpp"
#include "platform/http/server.hpp"
#include "sandbox/sandbox.hpp"

namespace balcao::app {

/// The sandbox inside `serve`, on a free port of this machine and with a key that only this process knows: Payments
/// speaks to it as it would to Stripe.
class LocalGateway {
 public:
  LocalGateway(Loops& loops, db::Database& database, Clock const& clock)
      : secret_key_("sk_test_" + crypto::random_token(24)),
        server_(loops, "127.0.0.1", 0, http::Limits{}),
        sandbox_(database, clock, {secret_key_}) {}

  void start() { server_.start(sandbox_); }
  Task<std::size_t> drain(std::chrono::milliseconds patience) { return server_.drain(patience); }

  /// What goes on beside the requests, until they are stopped.
  jobs::Jobs& jobs() { return sandbox_.jobs(); }

  std::string address() const { return server_.address(); }
  std::string const& secret_key() const { return secret_key_; }

 private:
  std::string const secret_key_;
  http::Server server_;
  sandbox::Sandbox sandbox_;
};

}  // namespace balcao::app

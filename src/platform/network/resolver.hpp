#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "platform/runtime/task.hpp"

namespace balcao::network {

using Addresses = std::vector<boost::asio::ip::address>;

/// A name has no address, or none was found in time.
class ResolveError : public std::runtime_error {
 public:
  /// `no_such_name`: the name servers said so. Otherwise they could not be asked, or not in time.
  explicit ResolveError(std::string const& what, bool no_such_name = false)
      : std::runtime_error(what), no_such_name_(no_such_name) {}
  bool no_such_name() const { return no_such_name_; }

 private:
  bool no_such_name_;
};

/// Asks the system (getaddrinfo), blocking the thread for as long as that takes. Throws ResolveError.
Addresses system_look_up(std::string const& name);

struct ResolverOptions {
  std::size_t threads = 2;                   ///< blocked ones included; started when needed, ended when idle
  std::size_t queue = 64;                    ///< names that wait for a thread; one more is refused
  std::size_t kept_names = 64;               ///< whose last good addresses are remembered
  std::chrono::milliseconds patience{1000};  ///< for a look-up, where the last good addresses are known
  std::chrono::hours max_age{24};            ///< of last good addresses that are still used
  std::function<Addresses(std::string const&)> look_up = system_look_up;  ///< called on several threads
};

/// Resolves names on threads of its own, since getaddrinfo blocks and has no deadline. One look-up is under way for a
/// name at a time; all who ask for it share it. Where it is late or the name servers fail, the addresses that it had
/// last are used; where they say that there is no such name, it is forgotten. Of four threads or more, a quarter is
/// left to names that have resolved before, so that names which never do cannot take all of them. From coroutines on
/// any loop.
class Resolver {
 public:
  explicit Resolver(ResolverOptions options);
  /// Does not wait for look-ups that are blocked: `look_up` may still be running.
  ~Resolver();

  /// Never empty. An address is given back without any look-up. Throws ResolveError, by the deadline.
  Task<Addresses> resolve(std::string name, std::chrono::steady_clock::time_point deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// What names are resolved for. Each has threads of its own, so that integrators' dead name servers delay nobody else.
enum class Purpose { services, gateway, database, shared_state, webhooks };

/// The process's resolver for a purpose.
Resolver& resolver_for(Purpose purpose);

}  // namespace balcao::network

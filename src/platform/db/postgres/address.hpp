#pragma once

#include <map>
#include <string>
#include <vector>

namespace balcao::db::postgres {

/// A connection URL taken apart. Its password is given to libpq and to nobody else.
class Address {
 public:
  struct Host {
    std::string name;     ///< as written; empty for libpq's own default
    std::string numeric;  ///< where the URL gives it, as `hostaddr`
    std::string port;

    /// Whether its address must be looked up.
    bool is_name() const {
      return numeric.empty() && !name.empty() && !name.starts_with('/') && !name.starts_with('@');
    }
  };
  using Keywords = std::map<std::string, std::string>;

  /// Throws db::Error, in words that do not quote the URL.
  explicit Address(std::string const& url);

  std::vector<Host> const& hosts() const { return hosts_; }

  /// What libpq is told to connect to one of the hosts, at the numeric address that was found for it, if any.
  Keywords keywords(Host const& host, std::string const& numeric) const;

 private:
  Keywords keywords_;
  std::vector<Host> hosts_;
};

}  // namespace balcao::db::postgres

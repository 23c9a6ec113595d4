#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "scratch_directory.hpp"

namespace balcao::test {

/// A PostgreSQL server of one's own, in a directory that goes away with it, on a Unix socket and a port. It is a child
/// of this process and dies with it, however that ends. It needs the server's programs (Debian: `postgresql`).
class PostgresServer {
 public:
  static constexpr std::string_view password = "s3cret/@:";

  /// `settings` as in postgresql.conf, over those that make tests quick.
  explicit PostgresServer(std::vector<std::string> settings = {});
  ~PostgresServer();
  PostgresServer(PostgresServer const&) = delete;

  void start();
  /// More settings, from the next start on.
  void set(std::vector<std::string> settings);
  /// As `pg_ctl -m immediate`: no goodbye to anybody, recovery at the next start.
  void crash();
  /// As `pg_ctl -m fast`: those who are connected are told.
  void shut_down();

  /// By the port, with the password; `parameters` are `name=value` with `&` between.
  std::string url(std::string_view parameters = {}) const;
  std::string url_of_socket(std::string_view role = "postgres") const;
  int port() const { return port_; }

  /// Writes a file that the server can read and nobody else.
  std::string write(std::string_view name, std::string_view content) const;

  /// A script that makes a role, unless it is there, that may read and write the rows of the schema's tables, and
  /// nothing else.
  static std::string grants_to(std::string const& role, std::string const& schema);

  /// The one that all tests of this process share.
  static PostgresServer& shared();

 private:
  pid_t run(std::vector<std::string> command) const;
  void end(int signal);
  void must_succeed(std::vector<std::string> command) const;

  ScratchDirectory directory_;
  std::string programs_;
  std::vector<std::string> settings_;
  int port_;
  pid_t process_ = -1;
};

}  // namespace balcao::test

#include "postgres_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace balcao::test {
namespace {

/// Of the newest version that is installed.
std::string find_programs() {
  std::string newest;
  int newest_version = 0;
  std::error_code none;
  for (auto const& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    auto const programs = entry.path() / "bin";
    int const version = std::atoi(entry.path().filename().c_str());
    if (version > newest_version && std::filesystem::exists(programs / "initdb")) {
      newest = programs;
      newest_version = version;
    }
  }
  if (newest.empty())
    throw std::runtime_error("there is no PostgreSQL server in /usr/lib/postgresql; install `postgresql`");
  return newest;
}

/// PostgreSQL refuses to run as root.
passwd const* other_user() {
  if (::geteuid() != 0) return nullptr;
  static passwd const user = [] {
    auto const* found = ::getpwnam("postgres");
    if (found == nullptr) found = ::getpwnam("nobody");
    if (found == nullptr) throw std::runtime_error("there is no user to run PostgreSQL as");
    return *found;
  }();
  return &user;
}

int free_port() {
  int const socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  bool const good = ::bind(socket, generic, size) == 0 && ::getsockname(socket, generic, &size) == 0;
  ::close(socket);
  if (!good) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

}  // namespace

PostgresServer::PostgresServer(std::vector<std::string> settings)
    : programs_(find_programs()), settings_(std::move(settings)), port_(free_port()) {
  if (auto const* user = other_user()) {
    if (::chown((directory_ / "").c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error("cannot chown");
  }
  auto const secret = write("password", password);
  must_succeed({programs_ + "/initdb", "--no-sync", "--locale=C", "--encoding=UTF8", "--username=postgres",
                "--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=" + secret, "-D", directory_ / "data"});
  start();
}

PostgresServer::~PostgresServer() { crash(); }

void PostgresServer::start() {
  std::vector<std::string> command{programs_ + "/postgres",
                                   "-D",
                                   directory_ / "data",
                                   "-c",
                                   "unix_socket_directories=" + std::string(directory_ / ""),
                                   "-c",
                                   "listen_addresses=127.0.0.1",
                                   "-p",
                                   std::to_string(port_)};
  for (auto const* quick :
       {"fsync=off", "shared_buffers=16MB", "max_connections=60", "autovacuum=off", "deadlock_timeout=50ms"}) {
    command.insert(command.end(), {"-c", quick});
  }
  for (auto const& setting : settings_) command.insert(command.end(), {"-c", setting});
  process_ = run(std::move(command));

  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (PQping(url_of_socket().c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("PostgreSQL does not start");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void PostgresServer::set(std::vector<std::string> settings) {
  std::ranges::move(settings, std::back_inserter(settings_));
}

void PostgresServer::crash() { end(SIGQUIT); }

void PostgresServer::shut_down() { end(SIGINT); }

void PostgresServer::end(int signal) {
  if (process_ < 0) return;
  ::kill(process_, signal);
  int status = 0;
  ::waitpid(std::exchange(process_, -1), &status, 0);
}

std::string PostgresServer::url(std::string_view parameters) const {
  return "postgres://postgres:s3cret%2F%40%3A@127.0.0.1:" + std::to_string(port_) + "/postgres?" +
         std::string(parameters);
}

std::string PostgresServer::url_of_socket(std::string_view role) const {
  return "postgres://" + std::string(role) + "@/postgres?host=" + std::string(directory_ / "") +
         "&port=" + std::to_string(port_);
}

std::string PostgresServer::write(std::string_view name, std::string_view content) const {
  auto const file = directory_ / name;
  std::ofstream(file) << content;
  if (auto const* user = other_user()) {
    if (::chown(file.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error("cannot chown");
  }
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return file;
}

std::string PostgresServer::grants_to(std::string const& role, std::string const& schema) {
  return "DO $$ BEGIN CREATE ROLE " + role + " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n" +
         "GRANT USAGE ON SCHEMA " + schema + " TO " + role + ";\n" +
         "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema + " TO " + role + ";\n";
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

pid_t PostgresServer::run(std::vector<std::string> command) const {
  std::vector<char*> arguments;
  for (auto& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  auto const log = std::string(directory_ / "log");
  auto const* const user = other_user();

  pid_t const child = ::fork();
  if (child != 0) return child;
  int const output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (user != nullptr && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::chdir("/") == 0) ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

void PostgresServer::must_succeed(std::vector<std::string> command) const {
  auto const name = command.front();
  int status = 0;
  ::waitpid(run(std::move(command)), &status, 0);
  if (status != 0) throw std::runtime_error(name + " failed");
}

}  // namespace balcao::test

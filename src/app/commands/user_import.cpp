#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "app/commands/commands.hpp"
#include "app/storage.hpp"
#include "auth/accounts/import.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app::commands {
namespace {

using Counts = auth::Import::Counts;

/// Tells on standard error how far it is: on one line that is written again and again on a terminal, else on a line of
/// its own every few seconds.
class Progress {
 public:
  void show(Counts const& counts) {
    auto const now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + interval_;
    std::fprintf(stderr, is_terminal_ ? "\r\033[K%s" : "%s\n", line(counts, now).c_str());
    is_shown_ = is_terminal_;
  }

  void tell(std::uint64_t line, std::string const& why) {
    clear();
    std::fprintf(stderr, "line %llu: %s\n", static_cast<unsigned long long>(line), why.c_str());
  }

  /// The last word, which goes to standard output.
  void finish(Counts const& counts) {
    clear();
    std::fprintf(stderr, "%s\n", line(counts, std::chrono::steady_clock::now()).c_str());
    std::printf("%s imported, %s refused\n", std::to_string(counts.imported).c_str(),
                std::to_string(counts.refused).c_str());
  }

 private:
  using Moment = std::chrono::steady_clock::time_point;

  std::string line(Counts const& counts, Moment now) const {
    std::chrono::duration<double> const taken = now - begun_;
    auto const rate = static_cast<std::uint64_t>(static_cast<double>(counts.lines) / std::max(taken.count(), 0.001));
    return std::to_string(counts.lines) + " rows, " + std::to_string(rate) + " rows/s";
  }

  void clear() {
    if (std::exchange(is_shown_, false)) std::fputs("\r\033[K", stderr);
  }

  bool const is_terminal_ = ::isatty(STDERR_FILENO) != 0;
  std::chrono::milliseconds const interval_{is_terminal_ ? 200 : 5000};
  Moment const begun_ = std::chrono::steady_clock::now();
  Moment next_ = begun_ + interval_;
  bool is_shown_ = false;
};

Task<> import(Storage& storage, auth::Import& users, std::istream& input) {
  co_await storage.migrate(system_clock());
  co_await users.run(input);
}

}  // namespace

bool import_users(Config const& config, std::string const& file) {
  std::ios::sync_with_stdio(false);
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) throw std::runtime_error("'" + file + "' cannot be opened");
  }
  Loops loops(1);
  Storage storage(place_of(config), Storage::Use::shared, loops, {"auth"});
  auth::AccountStore store(storage.database("auth"));
  auth::AuditStore audit_store(storage.database("auth"));
  auth::Audit audit(audit_store, system_clock());
  jobs::Jobs jobs(storage.database("auth"), "auth", system_clock());
  Progress progress;
  auth::Import users({store, audit, jobs, system_clock()},
                     {[&](std::uint64_t line, std::string const& why) { progress.tell(line, why); },
                      [&](Counts const& counts) { progress.show(counts); }});
  try {
    run_to_end(loops[0], import(storage, users, file == "-" ? std::cin : opened));
  } catch (...) {
    progress.finish(users.counts());
    throw;
  }
  progress.finish(users.counts());
  return users.counts().refused == 0;
}

}  // namespace balcao::app::commands

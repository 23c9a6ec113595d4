#include <cstdio>
#include <fstream>
#include <iostream>

#include "app/commands/commands.hpp"
#include "app/commands/progress.hpp"
#include "app/storage.hpp"
#include "auth/accounts/import.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app::commands {
namespace {

using Counts = auth::Import::Counts;

/// The last word goes to standard output.
void finish(Progress& progress, Counts const& counts) {
  progress.finish(counts.lines);
  std::printf("%s imported, %s refused\n", std::to_string(counts.imported).c_str(),
              std::to_string(counts.refused).c_str());
}

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
                      [&](Counts const& counts) { progress.show(counts.lines); }});
  try {
    run_to_end(loops[0], import(storage, users, file == "-" ? std::cin : opened));
  } catch (...) {
    finish(progress, users.counts());
    throw;
  }
  finish(progress, users.counts());
  return users.counts().refused == 0;
}

}  // namespace balcao::app::commands

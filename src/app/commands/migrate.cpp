#include <cstdio>

#include "app/commands/commands.hpp"
#include "app/storage.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app::commands {
namespace {

Task<> bring_up_to_date(Storage& storage) {
  int const applied = co_await storage.migrate(system_clock());
  std::printf(applied == 0 ? "nothing to do\n" : "%d steps applied\n", applied);
}

Task<> tell_status(Storage& storage) {
  for (auto& schema : storage.schemas()) {
    for (auto const& state : co_await db::migration_status(*schema.database, schema.name, schema.migrations)) {
      std::printf("%-10s %04d_%-24s %s\n", schema.name.c_str(), state.migration.version, state.migration.name.c_str(),
                  state.applied_at ? to_rfc3339(*state.applied_at).c_str() : "not applied");
    }
  }
}

}  // namespace

void migrate(Config const& config, MigrateAction action) {
  Loops loops(1);
  Storage storage(place_of(config), Storage::Use::shared, loops);
  run_to_end(loops[0], action == MigrateAction::up ? bring_up_to_date(storage) : tell_status(storage));
}

}  // namespace balcao::app::commands

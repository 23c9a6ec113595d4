#include <cstdio>

#include "app/api_document.hpp"
#include "app/commands/commands.hpp"

namespace balcao::app::commands {

void openapi() { std::printf("%s\n", api_document().c_str()); }

}  // namespace balcao::app::commands

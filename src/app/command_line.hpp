#pragma once

namespace balcao::app {

/// Reads the command line and carries out the command. Gives the exit status: 0, 64 for a wrong command line, 78 for
/// wrong settings, 1 for anything else that went wrong, each with a line on standard error that says what to do.
int run(int argc, char** argv);

}  // namespace balcao::app

#pragma once

namespace balcao::log {

/// For a process that serves: from now on nothing that is logged, or given to `output::write`, waits for whoever reads
/// it. See output::start_background; the log says `log_lines_dropped` where lines were dropped, with their `count`.
void write_in_background();

}  // namespace balcao::log

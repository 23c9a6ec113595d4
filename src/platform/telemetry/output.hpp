#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// Standard output and standard error. A command writes there as any program does. A process that serves must not wait
/// for whoever reads them.
namespace balcao::output {

enum class Stream { out, error };

/// Writes whole lines, each with its end; what goes wrong is ignored. Blocks, until `start_background`. From any
/// thread.
void write(Stream stream, std::string_view lines);

/// From now on `write` never blocks, and a reader that is gone does not end the process (SIGPIPE is ignored): a thread
/// for each stream writes (see LineWriter, which also says what happens to lines that nobody takes). `notice` makes the
/// line that tells how many lines were dropped. Before there are other threads; once.
void start_background(std::function<std::string(std::uint64_t dropped)> notice);

/// Waits until what was given to `write` is written, at most so long. To be done before the process exits. From any
/// thread.
void flush(std::chrono::milliseconds patience = std::chrono::seconds(1));

/// Puts /dev/null in the place of each standard stream that is closed, such that using it is an error as before: else
/// the next file or socket would take its place, and be written to. Before anything is opened. Throws
/// std::system_error.
void occupy_closed_streams();

}  // namespace balcao::output

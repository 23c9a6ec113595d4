#include "platform/telemetry/log.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <cmath>

#include "platform/runtime/clock.hpp"
#include "platform/telemetry/background.hpp"
#include "platform/telemetry/escape.hpp"
#include "platform/telemetry/output.hpp"

namespace balcao::log {
namespace {

std::atomic<Level> least_level{Level::info};
std::atomic<Format> line_format{Format::text};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

std::string time_in_milliseconds() {
  std::string time = to_rfc3339(system_clock().now());
  time.replace(time.size() - 4, 4, "Z");
  return time;
}

template <class Number>
void append_number(std::string& line, Number number) {
  std::array<char, 32> digits{};
  auto const [end, fault] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  line.append(digits.data(), end);
}

void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  append_escaped(line, text);
  line += '"';
}

/// Appends each kind of value; only text looks different in the two formats.
struct ValueWriter {
  std::string& line;
  Format format;

  void operator()(std::string_view text) const {
    if (format == Format::json || needs_quotes(text)) return append_quoted(line, text);
    line += text;
  }
  void operator()(std::int64_t number) const { append_number(line, number); }
  void operator()(double number) const {
    if (!std::isfinite(number)) return void(line += "null");  // JSON has no other word for it
    append_number(line, number);
  }
  void operator()(bool truth) const { line += truth ? "true" : "false"; }
};

std::string text_line(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = time_in_milliseconds();
  auto const name = name_of(level);
  line.append(1, ' ').append(name).append(6 - name.size(), ' ');
  append_escaped(line, event);
  for (auto const& field : fields) {
    line += ' ';
    append_escaped(line, field.name);
    line += '=';
    std::visit(ValueWriter{line, Format::text}, field.value);
  }
  return line;
}

std::string json_line(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = R"({"time":")" + time_in_milliseconds() + R"(","level":")";
  line.append(name_of(level)).append(R"(","event":)");
  append_quoted(line, event);
  for (auto const& field : fields) {
    line += ',';
    append_quoted(line, field.name);
    line += ':';
    std::visit(ValueWriter{line, Format::json}, field.value);
  }
  line += '}';
  return line;
}

std::string line_of(Level level, std::string_view event, std::initializer_list<Field> fields) {
  bool const json = line_format.load(std::memory_order_relaxed) == Format::json;
  return (json ? json_line(level, event, fields) : text_line(level, event, fields)) + '\n';
}

}  // namespace

void configure(Level level, Format format) {
  least_level = level;
  line_format = format;
}

bool enabled(Level level) { return level >= least_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (enabled(level)) output::write(output::Stream::error, line_of(level, event, fields));
}

void write_in_background() {
  output::start_background(
      [](std::uint64_t dropped) { return line_of(Level::warn, "log_lines_dropped", {{"count", dropped}}); });
}

}  // namespace balcao::log

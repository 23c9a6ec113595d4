#pragma once

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config.hpp"

namespace balcao::app {

/// Without blanks, tabs and carriage returns at both ends.
std::string_view trim(std::string_view text);

/// Reads settings one by one and collects what is wrong with them. A setting that is not there, or is wrong, leaves its
/// target as it is.
class SettingsReader {
 public:
  explicit SettingsReader(Environment const& environment) : environment_(environment) {}

  std::vector<std::string> faults;

  void fault(std::string const& name, std::string const& what) { faults.push_back(name + ": " + what); }

  /// `NAME=` is as good as not set.
  std::optional<std::string> text(std::string const& name) const;

  /// A secret, or the file that holds it: NAME or NAME_FILE.
  std::optional<std::string> secret(std::string const& name);

  /// Secrets separated by commas, of which the first is used and the others are still known.
  std::vector<std::string> secrets(std::string const& name);

  template <class Number>
  void integer(std::string const& name, Number& target, std::int64_t min, std::int64_t max) {
    auto const value = text(name);
    if (!value) return;
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error != std::errc{} || end != value->data() + value->size() || number < min || number > max) {
      fault(name, "'" + *value + "' is not a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    } else {
      target = static_cast<Number>(number);
    }
  }

  /// A time in whole seconds.
  void duration(std::string const& name, std::chrono::seconds& target, std::int64_t min, std::int64_t max);

  /// A time in seconds, fractions allowed: `0.5`.
  void seconds(std::string const& name, std::chrono::milliseconds& target);

  template <class Choice>
  void choice(std::string const& name, Choice& target, std::vector<std::pair<std::string, Choice>> const& choices) {
    auto const value = text(name);
    if (!value) return;
    std::string accepted;
    for (auto const& [word, meaning] : choices) {
      if (*value == word) {
        target = meaning;
        return;
      }
      accepted += (accepted.empty() ? "" : ", ") + word;
    }
    fault(name, "'" + *value + "' is none of " + accepted);
  }

 private:
  Environment const& environment_;
};

}  // namespace balcao::app

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platform/http/request_parser.hpp"

namespace balcao::http::test {

/// What became of one request: its parts, or the status with which it was refused.
struct Outcome {
  int refused = 0;
  std::string method;
  std::string path;
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool keep_alive = false;

  bool operator==(Outcome const&) const = default;
};

inline Outcome outcome_of(RequestParser& parser) {
  Outcome outcome;
  if (parser.fault()) {
    outcome.refused = parser.fault()->status();
    return outcome;
  }
  auto const& request = parser.request();
  outcome.method = request.method_name;
  outcome.path = request.path;
  outcome.query = request.query;
  for (auto const& [name, value] : request.headers) outcome.headers.emplace_back(name, value);
  outcome.body = request.body;
  outcome.keep_alive = parser.keep_alive();
  return outcome;
}

/// Feeds the bytes as a connection does, `size` at a time: what was not taken comes again with more behind it.
/// Ends at the first refusal.
inline std::vector<Outcome> read_in_pieces(std::string_view bytes, std::size_t size, Limits const& limits = {}) {
  RequestParser parser(limits);
  std::vector<Outcome> outcomes;
  std::string pending;
  while (!bytes.empty()) {
    pending += bytes.substr(0, size);
    bytes.remove_prefix(std::min(size, bytes.size()));
    for (bool progress = true; progress && !pending.empty();) {
      auto const taken = parser.feed(pending);
      pending.erase(0, taken);
      if (parser.state() == RequestParser::State::header_read && !parser.fault()) {
        parser.take_body(limits.body_bytes);
        if (!parser.fault()) continue;
      }
      progress = false;
      if (!parser.fault() && parser.state() != RequestParser::State::complete) break;
      outcomes.push_back(outcome_of(parser));
      if (parser.fault()) return outcomes;
      parser.next();
      progress = true;
    }
  }
  return outcomes;
}

inline std::vector<Outcome> read_all(std::string_view bytes, Limits const& limits = {}) {
  return read_in_pieces(bytes, bytes.size(), limits);
}

}  // namespace balcao::http::test

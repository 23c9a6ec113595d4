#include "sandbox/transport/faults.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "platform/json/parse.hpp"
#include "sandbox/transport/operation.hpp"

namespace balcao::sandbox {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t most_times = 1'000'000;
constexpr std::int64_t longest_delay = 10 * 60 * 1000;
constexpr std::size_t most_faults = 100;

constexpr std::array<std::pair<std::string_view, FaultKind>, 13> kinds{{
    {"delay", FaultKind::delay},
    {"close_before", FaultKind::close_before},
    {"close_after", FaultKind::close_after},
    {"conflict_409", FaultKind::conflict_409},
    {"rate_limit_429", FaultKind::rate_limit_429},
    {"error_500", FaultKind::error_500},
    {"error_500_executed", FaultKind::error_500_executed},
    {"webhook_twice", FaultKind::webhook_twice},
    {"webhook_late", FaultKind::webhook_late},
    {"webhook_early", FaultKind::webhook_early},
    {"webhook_reordered", FaultKind::webhook_reordered},
    {"webhook_bad_signature", FaultKind::webhook_bad_signature},
    {"refund_fails_later", FaultKind::refund_fails_later},
}};

FaultKind read_kind(json::Object const& object) {
  auto const* name = object.if_contains("fault");
  std::string accepted;
  for (auto const& [kind_name, kind] : kinds) {
    if (name && name->is_string() && name->get_string() == kind_name) return kind;
    accepted.append(accepted.empty() ? "" : ", ").append(kind_name);
  }
  throw ApiError::invalid("Invalid fault: must be one of " + accepted, "fault");
}

std::string read_match(json::Object const& object) {
  auto const* match = object.if_contains("match");
  bool const fits = match && match->is_string() && match->get_string().find(" /") != std::string::npos;
  if (!fits) throw ApiError::invalid("Invalid match: must be a method and a path: 'POST /v1/customers/*'", "match");
  return std::string(match->get_string());
}

std::int64_t read_number(json::Object const& object, std::string_view name, std::int64_t least, std::int64_t most,
                         std::int64_t otherwise) {
  auto const* member = object.if_contains(name);
  if (!member) return otherwise;
  if (!member->is_int64() || member->get_int64() < least || member->get_int64() > most) {
    throw ApiError::invalid("Invalid integer: must be from " + std::to_string(least) + " to " + std::to_string(most),
                            std::string(name));
  }
  return member->get_int64();
}

double read_probability(json::Object const& object) {
  auto const* member = object.if_contains("probability");
  if (!member) return 1;
  double const probability = member->is_number() ? member->to_number<double>() : -1;
  if (probability >= 0 && probability <= 1) return probability;
  throw ApiError::invalid("Invalid probability: must be a number from 0 to 1", "probability");
}

/// How long, where nobody says it.
std::int64_t usual_delay(FaultKind kind) {
  switch (kind) {
    case FaultKind::delay:
      return 1000;
    case FaultKind::webhook_late:
      return 2000;
    case FaultKind::webhook_reordered:
      return 300;
    default:
      return 0;
  }
}

Fault read_fault(std::string_view body) {
  auto const document = json::parse(body);
  if (!document || !document->is_object())
    throw ApiError::invalid("Invalid JSON: send {\"match\", \"fault\", \"times\"}");
  auto const& object = document->as_object();
  for (auto const& member : object) {
    static constexpr std::array<std::string_view, 6> known{"match",    "fault",       "times",
                                                           "delay_ms", "probability", "seed"};
    if (std::ranges::find(known, std::string_view(member.key())) != known.end()) continue;
    throw ApiError::invalid("Received unknown parameter: " + std::string(member.key()), member.key(),
                            "parameter_unknown");
  }
  Fault fault{read_kind(object), read_match(object), read_number(object, "times", 1, most_times, 1), {}};
  fault.delay = milliseconds(read_number(object, "delay_ms", 0, longest_delay, usual_delay(fault.kind)));
  fault.probability = read_probability(object);
  auto const seed = read_number(object, "seed", 0, std::numeric_limits<std::uint32_t>::max(), std::random_device{}());
  fault.seed = static_cast<std::uint32_t>(seed);
  return fault;
}

json::Object to_json(Fault const& fault) {
  auto const kind = std::ranges::find(kinds, fault.kind, &std::pair<std::string_view, FaultKind>::second);
  return {{"match", fault.match},
          {"fault", kind->first},
          {"times", fault.remaining},
          {"delay_ms", fault.delay.count()},
          {"probability", fault.probability},
          {"seed", fault.seed}};
}

bool fits(Fault const& fault, std::string_view method, std::string_view path) {
  std::string_view const match = fault.match;
  auto const space = match.find(' ');
  if (match.substr(0, space) != method) return false;
  return std::ranges::equal(segments_of(match.substr(space + 1)), segments_of(path),
                            [](auto wanted, auto segment) { return wanted == "*" || wanted == segment; });
}

}  // namespace

http::Response Faults::answer(http::Request const& request) {
  bool const is_ours = request.path == "/_sandbox/faults";
  if (is_ours && request.method == http::Method::post) return json_response(200, json::to_text(add(request.body)));
  if (is_ours && request.method == http::Method::get) return json_response(200, json::to_text(list()));
  if (is_ours && request.method == http::Method::del) {
    std::lock_guard const lock(mutex_);
    faults_.clear();
    return {204, {}, {}, {}};
  }
  return to_response(
      ApiError(404, "invalid_request_error", "The sandbox knows POST, GET and DELETE /_sandbox/faults."));
}

json::Value Faults::add(std::string_view body) {
  auto const fault = read_fault(body);
  std::lock_guard const lock(mutex_);
  if (faults_.size() == most_faults) throw ApiError::invalid("Too many faults are switched on.");
  faults_.push_back({fault, std::mt19937(fault.seed)});
  return to_json(fault);
}

json::Value Faults::list() const {
  std::lock_guard const lock(mutex_);
  json::Array data;
  for (auto const& [fault, chance] : faults_) data.emplace_back(to_json(fault));
  return json::Object{{"object", "list"}, {"data", std::move(data)}};
}

std::optional<Fault> Faults::take(std::string_view method, std::string_view path) {
  std::lock_guard const lock(mutex_);
  auto const hits = [&](Switched& switched) {
    auto const& fault = switched.fault;
    // A division of our own: what the library's distributions give is another number with another library.
    return fits(fault, method, path) && switched.chance() / 4294967296.0 < fault.probability;
  };
  auto const found = std::ranges::find_if(faults_, hits);
  if (found == faults_.end()) return std::nullopt;
  auto const fault = found->fault;
  if (--found->fault.remaining == 0) faults_.erase(found);
  return fault;
}

std::optional<ApiError> refusal_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::conflict_409:
      return ApiError(409, "idempotency_error", "Another request for the same object is in progress.")
          .with_code("idempotency_key_in_use");
    case FaultKind::rate_limit_429:
      return ApiError(429, "invalid_request_error", "Request rate limit exceeded.").with_code("rate_limit");
    case FaultKind::error_500:
      return ApiError::internal();
    default:
      return std::nullopt;
  }
}

}  // namespace balcao::sandbox

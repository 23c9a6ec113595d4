#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/database.hpp"
#include "platform/http/message.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/task.hpp"
#include "sandbox/transport/api_error.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox {

/// One call of the API, as an operation sees it.
struct ApiCall {
  Parameters parameters;
  std::vector<std::string> ids;  ///< what stands for `{…}` in the path
  Time now;
  bool refund_fails_later = false;  ///< a fault: the refund that it makes will turn out to have failed
};

/// Something that happened to an object, as the API will tell it: the object is as it was then.
struct NewEvent {
  std::string type;  ///< `payment_intent.succeeded`
  json::Object object;
  json::Object previous_attributes{};  ///< of `….updated`: what the changed members were
};

/// The members that are others in `after`, as they were in `before`.
json::Object previous_attributes(json::Object const& before, json::Object const& after);

/// What an operation came to: the answer, and the statements that make it true. The transport runs them and keeps the
/// answer under the idempotency key in one batch, so that neither is ever there without the other.
struct Outcome {
  int status = 200;
  std::string body;
  std::vector<db::Call> effects{};
  std::vector<NewEvent> events{};     ///< in the order in which they happened
  std::function<void()> committed{};  ///< called once the effects are there, if anything is to be told of them

  static Outcome ok(json::Value const& resource, std::vector<db::Call> effects = {},
                    std::vector<NewEvent> events = {}) {
    return {200, json::to_text(resource), std::move(effects), std::move(events)};
  }
  /// A failure after execution began: unlike a thrown ApiError, it is kept.
  static Outcome failed(ApiError const& error) { return {error.status(), json::to_text(error.body()), {}}; }
};

/// One operation of the API: `{…}` in `path` stands for one segment. It reads and decides, and writes nothing itself.
/// It may be run again for one call: when its effects fail, because another call came between.
struct Operation {
  http::Method method;
  std::string_view path;
  std::function<Task<Outcome>(ApiCall)> run;
};

using Operations = std::vector<Operation>;

struct Match {
  Operation const* operation;
  std::vector<std::string> ids;
};

/// The first operation that fits; nothing if there is none.
std::optional<Match> find_operation(Operations const& operations, http::Method method, std::string_view path);

/// The parts of a path between its slashes.
std::vector<std::string_view> segments_of(std::string_view path);

}  // namespace balcao::sandbox

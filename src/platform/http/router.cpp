#include "platform/http/router.hpp"

#include <unordered_map>

#include "platform/runtime/clock.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::http {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    auto const slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    path = slash == path.npos ? std::string_view{} : path.substr(slash);
  }
  return segments;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

std::string_view parameter_name(std::string_view segment) { return segment.substr(1, segment.size() - 2); }

/// The answer to what was thrown on the way; to be called where it is caught.
Response failure(Endpoint const& endpoint, Request const& request) {
  try {
    throw;
  } catch (UnknownOutcome const& unknown) {
    log::error("an outcome is unknown",
               {{"endpoint", endpoint.about.id}, {"cause", unknown.what()}, {"trace_id", request.trace().trace_id}});
    return problem_response(unknown, request);
  } catch (Problem const& problem) {
    return problem_response(problem, request);
  } catch (std::exception const& error) {
    log::error("an endpoint failed",
               {{"endpoint", endpoint.about.id}, {"error", error.what()}, {"trace_id", request.trace().trace_id}});
    return problem_response(Problem(problems::internal), request);
  }
}

/// What a template begins with, up to its first parameter.
std::string_view fixed_part(std::string_view path) { return path.substr(0, path.find('{')); }

}  // namespace

/// The path templates. Most paths have no parameter and are found by one look-up.
struct Router::Tree {
  struct Place {
    std::vector<std::string_view> segments;
    std::vector<Endpoint const*> methods;

    Endpoint const* find(Method method) const {
      for (auto const* endpoint : methods) {
        if (endpoint->method == method) return endpoint;
      }
      return method == Method::head ? find(Method::get) : nullptr;
    }

    std::string allow() const {
      std::string allowed = "OPTIONS";
      for (auto const* endpoint : methods) {
        allowed += ", ";
        allowed += to_string(endpoint->method);
        if (endpoint->method == Method::get) allowed += ", HEAD";
      }
      return allowed;
    }
  };

  std::unordered_map<std::string_view, Place> fixed;
  std::vector<Place> templates;
  std::vector<Endpoint const*> kept_templates;  ///< those that may have an answer ready

  void add(Endpoint const& endpoint) {
    if (!endpoint.path.contains('{')) {
      fixed[endpoint.path].methods.push_back(&endpoint);
      return;
    }
    if (endpoint.answer_at_once) kept_templates.push_back(&endpoint);
    auto segments = split(endpoint.path);
    for (auto& place : templates) {
      if (place.segments == segments) {
        place.methods.push_back(&endpoint);
        return;
      }
    }
    templates.push_back({std::move(segments), {&endpoint}});
  }

  Place const* find(std::string_view path, Exchange& exchange) const {
    if (auto const found = fixed.find(path); found != fixed.end()) return &found->second;
    auto const segments = split(path);
    for (auto const& place : templates) {
      if (matches(place, segments, exchange)) return &place;
    }
    return nullptr;
  }

  static bool matches(Place const& place, std::vector<std::string_view> const& segments, Exchange& exchange) {
    if (place.segments.size() != segments.size()) return false;
    exchange.path_parameters.clear();
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (!is_parameter(place.segments[i])) {
        if (place.segments[i] != segments[i]) return false;
        continue;
      }
      auto value = percent_decode(segments[i], false);
      if (!value || value->empty()) return false;
      exchange.path_parameters.emplace_back(parameter_name(place.segments[i]), std::move(*value));
    }
    return true;
  }
};

Router::Router(Endpoints endpoints, Guard& guard)
    : endpoints_(std::move(endpoints)), guard_(guard), tree_(std::make_unique<Tree>()) {
  for (auto const& endpoint : endpoints_) tree_->add(endpoint);
}

Router::~Router() = default;

StoredResponse const* Router::answer_at_once(Request const& request) {
  if (request.method != Method::get && request.method != Method::head) return nullptr;
  auto const place = tree_->fixed.find(request.path);
  if (place == tree_->fixed.end()) {
    for (auto const* endpoint : tree_->kept_templates) {
      if (request.path.starts_with(fixed_part(endpoint->path))) return endpoint->answer_at_once(request);
    }
    return nullptr;
  }
  auto const* endpoint = place->second.find(request.method);
  return endpoint && endpoint->answer_at_once ? endpoint->answer_at_once(request) : nullptr;
}

/// A request that may pass.
struct Router::Admitted final : Admission {
  Router const* by = nullptr;
  Endpoint const* endpoint = nullptr;
  std::vector<std::pair<std::string_view, std::string>> path_parameters;
  std::optional<Caller> caller;
  SteadyTime at = std::chrono::steady_clock::now();

  bool holds_for(Router const& router) const {
    return by == &router && std::chrono::steady_clock::now() - at < std::chrono::seconds(1);
  }
};

Task<std::expected<Router::Admitted, Response>> Router::admit(Request const& request) {
  auto const answered = [](Response response) { return std::unexpected(std::move(response)); };
  if (request.target == "*") {
    co_return answered({204, {}, {{"Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}}, {}});
  }
  Exchange exchange{request, {}, {}, {}, {}};
  auto const* place = tree_->find(request.path, exchange);
  if (!place) co_return answered(problem_response(Problem(problems::not_found), request));
  auto const* endpoint = place->find(request.method);
  if (!endpoint && request.method == Method::options) co_return answered({204, {}, {{"Allow", place->allow()}}, {}});
  if (!endpoint) {
    auto problem = Problem(problems::method_not_allowed).with_header("Allow", place->allow());
    co_return answered(problem_response(problem, request));
  }
  Admitted admitted;
  admitted.by = this;
  admitted.endpoint = endpoint;
  admitted.path_parameters = std::move(exchange.path_parameters);
  auto const& access = endpoint->access;
  if (access.is_open() && !(access.is(Access::visitor) && request.bearer_token())) co_return admitted;
  try {
    auto caller = co_await guard_.admit(request, access);
    if (!caller && !access.is_open()) co_return answered(problem_response(caller.error(), request));
    if (caller) admitted.caller = *std::move(caller);
  } catch (...) {
    co_return answered(failure(*endpoint, request));
  }
  co_return admitted;
}

Task<std::expected<BodyPolicy, Response>> Router::expect(Request& head) {
  auto admitted = co_await admit(head);
  if (!admitted) co_return std::unexpected(std::move(admitted.error()));
  auto const& endpoint = *admitted->endpoint;
  head.admission = std::make_shared<Admitted const>(*std::move(admitted));
  co_return BodyPolicy{endpoint.body_limit(), endpoint.reads_stream};
}

Task<Response> Router::handle(Request const& request) {
  auto const* known = dynamic_cast<Admitted const*>(request.admission.get());
  if (known && known->holds_for(*this)) co_return co_await answer(request, *known);
  auto admitted = co_await admit(request);
  if (!admitted) co_return std::move(admitted.error());
  co_return co_await answer(request, *admitted);
}

Task<Response> Router::answer(Request const& request, Admitted const& admitted) {
  auto const& endpoint = *admitted.endpoint;
  Exchange exchange{request, admitted.path_parameters, admitted.caller, {}, {}, endpoint.screen};
  Response response;
  try {
    response = co_await endpoint.answer(exchange);
  } catch (...) {
    co_return failure(endpoint, request);
  }
  // What depends on who asks, or has done something, is nobody else's (RFC 6749 §5.1 wants it for tokens).
  bool const is_public_read = endpoint.access.is_open() && endpoint.method == Method::get;
  bool const is_problem = response.status >= 400;  // which says so itself
  if (!is_public_read && !is_problem) response.header("Cache-Control", "no-store");
  if (endpoint.access.is(Access::visitor)) response.header("Vary", "Authorization");
  bool const reads = request.method == Method::get || request.method == Method::head;
  if (!reads || response.status != 200) co_return response;
  auto const wanted = request.header("If-None-Match");
  for (auto const& [name, value] : response.headers) {
    if (wanted && name == "ETag" && matches_etag(*wanted, value)) co_return Response{304, {}, response.headers, {}};
  }
  co_return response;
}

namespace detail {

std::optional<Problem> refusal(Exchange& exchange) {
  if (exchange.problem) return exchange.problem;
  if (exchange.faults.empty()) return std::nullopt;
  return Problem(problems::invalid_fields).with_faults(std::move(exchange.faults));
}

}  // namespace detail
}  // namespace balcao::http

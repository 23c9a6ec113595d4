#include "platform/http/openapi.hpp"

#include <map>

#include "platform/json/parse.hpp"

namespace balcao::http {
namespace {

using json::Array;
using json::Object;
using json::Value;

Value problem_schema() {
  Object const text{{"type", "string"}};
  Object const fault{{"type", "object"},
                     {"properties", {{"pointer", text}, {"detail", text}}},
                     {"required", Array{"pointer", "detail"}}};
  return {{"type", "object"},
          {"description", "What went wrong (RFC 9457). Programs compare `code`, which never changes."},
          {"properties",
           {{"type", text},
            {"title", text},
            {"status", {{"type", "integer"}}},
            {"detail", text},
            {"instance", text},
            {"code", text},
            {"trace_id", text},
            {"errors", {{"type", "array"}, {"items", fault}}}}},
          {"required", Array{"type", "title", "status", "instance", "code", "trace_id"}}};
}

bool takes_json(Operation const& operation) {
  auto const* content = operation.request_body.if_contains("content");
  return content && content->as_object().contains("application/json");
}

/// The problems of an endpoint: its own, and those that come with what it takes.
std::map<int, std::string> problems_of(Endpoint const& endpoint, Operation const& operation) {
  std::vector<ProblemType const*> all = endpoint.about.problems;
  if (!endpoint.access.is_open()) {
    all.push_back(&problems::unauthorized);
    all.push_back(&problems::insufficient_scope);
  }
  if (endpoint.access.is(Access::administrator)) all.push_back(&problems::forbidden);
  if (endpoint.path.contains('{')) all.push_back(&problems::not_found);
  if (takes_json(operation)) {
    for (auto const* type : {&problems::invalid_json, &problems::unsupported_media_type}) all.push_back(type);
  }
  if (!operation.request_body.empty()) all.push_back(&problems::payload_too_large);
  if (takes_json(operation) || !operation.parameters.empty()) all.push_back(&problems::invalid_fields);
  all.push_back(&problems::unavailable);
  if (endpoint.method != Method::get) all.push_back(&problems::outcome_unknown);

  std::map<int, std::string> by_status;
  for (auto const* type : all) {
    auto& codes = by_status[type->status];
    codes +=
        (codes.empty() ? "" : " or ") + ("`" + std::string(type->code) + "`: " + std::string(type->title_en) + '.');
  }
  return by_status;
}

/// One of these is enough: a user's token, or a service account's with the scope.
Array security_of(Access const& access) {
  Array ways{Object{{"bearer", Array{}}}};
  if (!access.scope().empty()) ways.emplace_back(Object{{"service_account", Array{Value(access.scope())}}});
  return ways;
}

/// How service accounts come to a token, and what each scope is good for.
Value service_account_scheme(Endpoints const& endpoints) {
  Object scopes;
  for (auto const& endpoint : endpoints) {
    if (endpoint.access.scope().empty() || endpoint.access.is_open()) continue;
    auto& operations = scopes[endpoint.access.scope()];
    auto const before = operations.is_string() ? std::string(operations.as_string()) + ", " : std::string();
    operations = before + std::string(endpoint.about.id);
  }
  return {{"type", "oauth2"},
          {"flows", {{"clientCredentials", {{"tokenUrl", "/token"}, {"scopes", std::move(scopes)}}}}}};
}

Value describe(Endpoint const& endpoint, json::Schemas& schemas) {
  Operation operation{schemas, {}, {}};
  Object responses;
  endpoint.document(operation, responses);
  for (auto const& [status, description] : problems_of(endpoint, operation)) {
    responses[std::to_string(status)] = {
        {"description", description},
        {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  }

  Object described{{"operationId", endpoint.about.id},
                   {"summary", endpoint.about.summary},
                   {"tags", Array{Value(endpoint.about.tag)}},
                   {"responses", std::move(responses)}};
  if (!operation.parameters.empty()) described["parameters"] = std::move(operation.parameters);
  if (!operation.request_body.empty() && !endpoint.reads_stream) {
    operation.request_body["description"] = "At most " + std::to_string(endpoint.body_limit() / 1024) + " KiB.";
  }
  if (!operation.request_body.empty()) described["requestBody"] = std::move(operation.request_body);
  if (!endpoint.access.is_open()) described["security"] = security_of(endpoint.access);
  return described;
}

std::string lower_case(std::string_view method) {
  std::string name(method);
  for (char& c : name) c = static_cast<char>(c | 0x20);
  return name;
}

}  // namespace

std::string openapi(Endpoints const& endpoints, std::string_view version) {
  json::Schemas schemas;
  schemas.components["Problem"] = problem_schema();
  Object paths;
  for (auto const& endpoint : endpoints) {
    if (endpoint.access.is(Access::service)) continue;
    auto& path = paths[endpoint.path];
    if (path.is_null()) path = Object{};
    path.as_object()[lower_case(to_string(endpoint.method))] = describe(endpoint, schemas);
  }
  Object security_schemes{{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}},
                          {"service_account", service_account_scheme(endpoints)}};
  Value const document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Balcão"},
        {"version", version},
        {"summary", "Users, payments and products behind one counter"},
        {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
      {"paths", std::move(paths)},
      {"components", {{"schemas", std::move(schemas.components)}, {"securitySchemes", std::move(security_schemes)}}}};
  return json::to_text(document);
}

}  // namespace balcao::http

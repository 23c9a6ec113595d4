#include "platform/http/extract.hpp"

#include "platform/json/parse.hpp"

namespace balcao::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Problem invalid_json(json::ParseFault const& fault) {
  if (fault.kind == json::ParseFault::Kind::duplicate_member) return Problem(problems::duplicate_member, fault.reason);
  auto const at = std::to_string(fault.offset);
  return Problem(problems::invalid_json,
                 {fault.reason.en + " (byte " + at + ")", fault.reason.pt + " (byte " + at + ")"});
}

}  // namespace

bool Exchange::passes_screen(json::Value const& document) {
  auto found = screen ? screen(document) : std::nullopt;
  if (found) refuse(std::move(*found));
  return !found;
}

std::string_view media_type(Request const& request) {
  auto type = request.header("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      int const high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      int const low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  return json::is_utf8(decoded) ? std::optional<std::string>(std::move(decoded)) : std::nullopt;
}

std::optional<json::Object> read_form(std::string_view text) {
  json::Object form;
  while (!text.empty()) {
    auto const ampersand = text.find('&');
    auto const pair = text.substr(0, ampersand);
    text = ampersand == text.npos ? std::string_view{} : text.substr(ampersand + 1);
    if (pair.empty()) continue;
    auto const equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(equals == pair.npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!name || !value || form.contains(*name)) return std::nullopt;
    form.emplace(*name, *value);
  }
  return form;
}

std::optional<json::Value> read_body(Exchange& exchange, json::Notation& notation) {
  auto const type = media_type(exchange.request);
  if (equal_ignoring_case(type, "application/json")) {
    notation = json::Notation::json;
    auto document = json::parse(exchange.request.body);
    if (document) return std::move(*document);
    exchange.refuse(invalid_json(document.error()));
  } else if (equal_ignoring_case(type, "application/x-www-form-urlencoded")) {
    notation = json::Notation::text;
    if (auto form = read_form(exchange.request.body)) return json::Value(std::move(*form));
    exchange.refuse(Problem(problems::bad_request, {"The form is malformed.", "O formulário está malformado."}));
  } else {
    exchange.refuse(
        Problem(problems::unsupported_media_type,
                {"Send application/json or application/x-www-form-urlencoded, and say so in Content-Type.",
                 "Envie application/json ou application/x-www-form-urlencoded, e diga qual no Content-Type."})
            .with_header("Accept", "application/json, application/x-www-form-urlencoded"));
  }
  return std::nullopt;
}

std::optional<json::Value> read_merge_patch(Exchange& exchange) {
  auto const type = media_type(exchange.request);
  if (!equal_ignoring_case(type, "application/merge-patch+json") && !equal_ignoring_case(type, "application/json")) {
    exchange.refuse(
        Problem(problems::unsupported_media_type, {"Send application/merge-patch+json, and say so in Content-Type.",
                                                   "Envie application/merge-patch+json, e diga isso no Content-Type."})
            .with_header("Accept-Patch", "application/merge-patch+json, application/json"));
    return std::nullopt;
  }
  auto document = json::parse(exchange.request.body);
  if (document) return std::move(*document);
  exchange.refuse(invalid_json(document.error()));
  return std::nullopt;
}

void document_merge_patch(Operation& operation, json::Value schema) {
  operation.request_body = {
      {"required", true},
      {"content",
       {{"application/merge-patch+json", {{"schema", schema}}}, {"application/json", {{"schema", schema}}}}}};
}

void document_body(Operation& operation, json::Value schema) {
  operation.request_body = {
      {"required", true},
      {"content",
       {{"application/json", {{"schema", schema}}}, {"application/x-www-form-urlencoded", {{"schema", schema}}}}}};
}

void document_query(Operation& operation, json::Value const& schema) {
  for (auto const& [name, member] : schema.at("properties").as_object()) {
    json::Value own = member;
    // A query parameter that is left out is not null: only the type itself is documented.
    if (auto* type = own.as_object().if_contains("type"); type && type->is_array()) {
      json::Value const first = type->as_array().front();
      *type = first;
    }
    operation.parameters.push_back({{"name", name}, {"in", "query"}, {"required", false}, {"schema", std::move(own)}});
  }
}

void document_path(Operation& operation, std::string_view name, json::Value schema) {
  operation.parameters.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}});
}

void document_header(Operation& operation, std::string_view name) {
  operation.parameters.push_back(
      {{"name", name}, {"in", "header"}, {"required", false}, {"schema", {{"type", "string"}}}});
}

}  // namespace balcao::http

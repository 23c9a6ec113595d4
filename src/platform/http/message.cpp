#include "platform/http/message.hpp"

#include <algorithm>
#include <cstdint>

#include "platform/card_number.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"
#include "platform/http/extract.hpp"
#include "platform/json/codec.hpp"

namespace balcao::http {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// The trace id of `00-<32 hex>-<16 hex>-<2 hex>` (W3C Trace Context §3.2); later versions may add to its end (§4).
std::optional<std::string_view> trace_id_of(std::string_view traceparent) {
  if (traceparent.size() < 55 || traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return {};
  auto const version = traceparent.substr(0, 2);
  auto const id = traceparent.substr(3, 32);
  auto const parent = traceparent.substr(36, 16);
  if (version == "ff" || (traceparent.size() > 55 && (version == "00" || traceparent[55] != '-'))) return {};
  for (auto const part : {version, id, parent, traceparent.substr(53, 2)}) {
    if (!is_lower_hex(part)) return {};
  }
  bool const is_null = id.find_first_not_of('0') == id.npos || parent.find_first_not_of('0') == parent.npos;
  return is_null ? std::nullopt : std::optional(id);
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts the next element of a comma-separated list off the front.
std::string_view next_element(std::string_view& list) {
  auto const comma = list.find(',');
  auto const element = trim(list.substr(0, comma));
  list = comma == list.npos ? std::string_view{} : list.substr(comma + 1);
  return element;
}

/// The weight of `pt-BR;q=0.8` in thousandths.
int quality(std::string_view element) {
  auto const q = element.find("q=");
  if (q == element.npos) return 1000;
  auto digits = element.substr(q + 2);
  int weight = !digits.empty() && digits.front() == '1' ? 1000 : 0;
  if (digits.size() > 2 && digits[1] == '.' && weight == 0) {
    for (std::size_t i = 2, unit = 100; i < digits.size() && i < 5; ++i, unit /= 10) {
      if (digits[i] >= '0' && digits[i] <= '9') weight += int(unit) * (digits[i] - '0');
    }
  }
  return weight;
}

std::string detail_of(Problem const& problem, Language language) {
  auto const& said = problem.detail().in(language);
  if (!said.empty()) return said;
  if (problem.faults().empty()) return std::string(problem.type().title(language)) + '.';
  return language == Language::portuguese ? "Cada falha está em `errors`." : "Each fault is in `errors`.";
}

void append_member(std::string& json, std::string_view name, std::string_view text) {
  json += json.back() == '{' ? "\"" : ",\"";
  json += name;
  json += "\":";
  json::encode_string(text, json);
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      break;
  }
  return "";
}

Method parse_method(std::string_view name) {
  for (auto const method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del, Method::options}) {
    if (name == to_string(method)) return method;
  }
  return Method::other;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (auto const& [field, value] : headers) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

Language Request::language() const {
  auto accepted = header("Accept-Language").value_or("");
  int english = 0;
  int portuguese = 0;
  while (!accepted.empty()) {
    auto const element = next_element(accepted);
    auto const tag = element.substr(0, element.find_first_of("-; \t"));
    if (equal_ignoring_case(tag, "pt")) portuguese = std::max(portuguese, quality(element));
    if (equal_ignoring_case(tag, "en")) english = std::max(english, quality(element));
  }
  return portuguese > english ? Language::portuguese : Language::english;
}

Trace const& Request::trace() const {
  if (!trace_) {
    auto const parent = trace_id_of(header("traceparent").value_or(""));
    std::string id = parent ? std::string(*parent) : crypto::to_hex(crypto::random_bytes(16));
    auto const wanted = header("X-Request-Id");
    trace_ = Trace{id, wanted && is_request_id(*wanted) ? std::string(*wanted) : id};
  }
  return *trace_;
}

std::optional<std::string_view> Request::bearer_token() const {
  auto const credentials = header("Authorization");
  if (!credentials || credentials->size() < 7 || !equal_ignoring_case(credentials->substr(0, 7), "Bearer ")) {
    return std::nullopt;
  }
  return trim(credentials->substr(7));
}

void Request::reset() {
  auto kept = std::move(headers);  // its room, not what is in it
  kept.clear();
  *this = Request{};
  headers = std::move(kept);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

void append_head(Response const& response, std::string& out) {
  out += "HTTP/1.1 ";
  json::detail::encode_integer(response.status, out);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  if (!response.content_type.empty()) {
    out += "Content-Type: ";
    out += response.content_type;
    out += "\r\n";
  }
  for (auto const& [name, value] : response.headers) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  if (response.status == 204 || response.status == 304 || response.stream) return;
  out += "Content-Length: ";
  json::detail::encode_integer(static_cast<std::int64_t>(response.body.size()), out);
  out += "\r\n";
}

StoredResponse store(Response response) {
  StoredResponse stored;
  append_head(response, stored.head);
  for (auto const& [name, value] : response.headers) {
    if (name == "ETag") stored.etag = value;
  }
  if (!stored.etag.empty()) append_head({304, {}, response.headers, {}}, stored.not_modified_head);
  stored.body = std::move(response.body);
  return stored;
}

Response problem_response(Problem const& problem, Request const& request) {
  auto const language = request.language();
  std::string body = "{";
  append_member(body, "type", "urn:problem:balcao:" + std::string(problem.type().code));
  append_member(body, "title", problem.type().title(language));
  body += ",\"status\":" + std::to_string(problem.status());
  append_member(body, "detail", detail_of(problem, language));
  // A path can be anything that someone has typed, and what looks like a card's number is not repeated.
  bool const is_shown = !has_card_number(percent_decode(request.path, false).value_or(""));
  append_member(body, "instance", is_shown ? request.path : "/");
  append_member(body, "code", problem.type().code);
  append_member(body, "trace_id", request.trace().trace_id);
  for (auto const& [name, value] : problem.members()) append_member(body, name, value);
  if (!problem.faults().empty()) {
    body += ",\"errors\":[";
    for (bool first = true; auto const& fault : problem.faults()) {
      body += std::exchange(first, false) ? "{" : ",{";
      append_member(body, "pointer", fault.pointer);
      append_member(body, "detail", fault.detail.in(language));
      body += '}';
    }
    body += ']';
  }
  body += '}';

  Response response{problem.status(), "application/problem+json", problem.headers(), std::move(body)};
  response.header("Content-Language", language == Language::portuguese ? "pt-BR" : "en");
  response.header("Cache-Control", "no-store");
  return response;
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  if (trim(if_none_match) == "*") return true;
  while (!if_none_match.empty()) {
    auto candidate = next_element(if_none_match);
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == etag) return true;
  }
  return false;
}

bool matches_strongly(std::string_view if_match, std::string_view etag) {
  if (trim(if_match) == "*") return true;
  while (!if_match.empty()) {
    if (next_element(if_match) == etag) return !etag.starts_with("W/");
  }
  return false;
}

}  // namespace balcao::http

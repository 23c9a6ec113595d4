#include "platform/json/parse.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

namespace balcao::json {
namespace {

constexpr std::size_t max_depth = 64;

/// Builds the document as Boost's own parser does, and counts the members that it was given: Boost keeps the last of
/// two equal ones, so that a document with fewer members than came in has had a duplicate.
struct Builder {
  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;

  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  boost::json::value_stack stack;
  std::size_t members = 0;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t size, error_code&) {
    members += size;
    stack.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) {
    stack.push_array(size);
    return true;
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(string_view part, std::size_t, error_code&) {
    stack.push_key(part);
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(string_view part, std::size_t, error_code&) {
    stack.push_string(part);
    return true;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, string_view, error_code&) {
    stack.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, string_view, error_code&) {
    stack.push_uint64(number);
    return true;
  }
  bool on_double(double number, string_view, error_code& fault) {
    if (!std::isfinite(number)) {  // too large for a double; it could not be written again
      fault = boost::json::error::exponent_overflow;
      return false;
    }
    stack.push_double(number);
    return true;
  }
  bool on_bool(bool truth, error_code&) {
    stack.push_bool(truth);
    return true;
  }
  bool on_null(error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

std::size_t count_members(Value const& value) {
  std::size_t count = 0;
  if (auto const* object = value.if_object()) {
    count = object->size();
    for (auto const& member : *object) count += count_members(member.value());
  } else if (auto const* array = value.if_array()) {
    for (auto const& element : *array) count += count_members(element);
  }
  return count;
}

Text describe(boost::json::error_code const& fault) {
  using boost::json::error;
  if (fault == error::incomplete) return {"The text ends too early.", "O texto termina cedo demais."};
  if (fault == error::extra_data) return {"Something follows the document.", "Há algo depois do documento."};
  if (fault == error::too_deep) return {"It is nested too deeply (at most 64).", "O aninhamento passa de 64 níveis."};
  return {"It does not follow the grammar of JSON (RFC 8259): " + fault.message() + ".",
          "Não segue a gramática de JSON (RFC 8259)."};
}

}  // namespace

std::expected<Value, ParseFault> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::basic_parser<Builder> parser(options);
  parser.handler().stack.reset();

  boost::json::error_code fault;
  std::size_t const consumed = parser.write_some(false, text.data(), text.size(), fault);
  if (!fault && consumed < text.size()) fault = boost::json::error::extra_data;
  if (fault) return std::unexpected(ParseFault{ParseFault::Kind::not_json, consumed, describe(fault)});

  Value document = parser.handler().stack.release();
  if (count_members(document) != parser.handler().members) {
    return std::unexpected(
        ParseFault{ParseFault::Kind::duplicate_member,
                   text.size(),
                   {"An object has the same member twice.", "Um objeto tem o mesmo membro duas vezes."}});
  }
  return document;
}

bool is_utf8(std::string_view text) {
  auto const is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::ranges::all_of(text, is_ascii)) return true;
  std::string quoted = "\"";  // the parser judges best
  for (char const c : text) quoted += is_ascii(c) ? '.' : c;
  return parse(quoted + '"').has_value();
}

std::string to_text(Value const& value) { return boost::json::serialize(value); }

}  // namespace balcao::json

#include "platform/json/codec.hpp"

#include <array>
#include <boost/json/serialize.hpp>

namespace balcao::json {
namespace {

void append_escaped(std::string_view member, std::string& pointer) {
  for (char const c : member) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

}  // namespace

std::string Path::pointer() const {
  if (!parent_) return {};
  std::string pointer = parent_->pointer() + '/';
  if (member_.data()) {
    append_escaped(member_, pointer);
  } else {
    pointer += std::to_string(index_);
  }
  return pointer;
}

void encode_string(std::string_view text, std::string& out) { out += boost::json::serialize(text); }

std::optional<Time> Codec<Time>::decode(Value const& value, Path const& path, Decoder& decoder) {
  auto const text = detail::decode_text(value, path, decoder);
  if (!text) return std::nullopt;
  auto const time = parse_rfc3339(*text);
  if (!time) {
    decoder.fault(path, {"It must be a time as in RFC 3339: 2026-01-31T12:00:00Z.",
                         "Deve ser um instante como na RFC 3339: 2026-01-31T12:00:00Z."});
  }
  return time;
}

std::optional<Uuid> Codec<Uuid>::decode(Value const& value, Path const& path, Decoder& decoder) {
  auto const text = detail::decode_text(value, path, decoder);
  if (!text) return std::nullopt;
  auto const uuid = Uuid::parse(*text);
  if (!uuid) decoder.fault(path, {"It must be an id (a UUID).", "Deve ser um id (um UUID)."});
  return uuid;
}

namespace detail {

std::optional<bool> decode_bool(Value const& value, Path const& path, Decoder& decoder) {
  if (value.is_bool()) return value.get_bool();
  if (decoder.notation() == Notation::text && value.is_string()) {
    if (value.get_string() == "true") return true;
    if (value.get_string() == "false") return false;
  }
  decoder.fault(path, {"It must be true or false.", "Deve ser true ou false."});
  return std::nullopt;
}

std::optional<std::int64_t> decode_integer(Value const& value, Path const& path, Decoder& decoder) {
  if (value.is_int64()) return value.get_int64();
  if (decoder.notation() == Notation::text && value.is_string()) {
    auto const& text = value.get_string();
    std::int64_t number = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault == std::errc{} && end == text.data() + text.size() && !text.empty()) return number;
  }
  if (value.is_uint64()) {
    decoder.fault(path, {"The number is too large.", "O número é grande demais."});
  } else {
    decoder.fault(path, {"It must be a whole number.", "Deve ser um número inteiro."});
  }
  return std::nullopt;
}

std::optional<std::string_view> decode_text(Value const& value, Path const& path, Decoder& decoder) {
  if (auto const* text = value.if_string()) return std::string_view(*text);
  decoder.fault(path, {"It must be a string.", "Deve ser um texto."});
  return std::nullopt;
}

Object const* decode_object(Value const& value, Path const& path, Decoder& decoder) {
  auto const* object = value.if_object();
  if (!object) decoder.fault(path, {"It must be an object.", "Deve ser um objeto."});
  return object;
}

Array const* decode_array(Value const& value, Path const& path, Decoder& decoder) {
  auto const* array = value.if_array();
  if (!array) decoder.fault(path, {"It must be an array.", "Deve ser uma lista."});
  return array;
}

void encode_integer(std::int64_t number, std::string& out) {
  std::array<char, 20> digits{};
  auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

std::string short_name(std::string_view pretty_function) {
  auto const start = pretty_function.find("T = ") + 4;
  auto const type = pretty_function.substr(start, pretty_function.rfind(']') - start);
  std::string name;
  std::string word;
  for (std::size_t i = 0; i <= type.size(); ++i) {
    char const c = i < type.size() ? type[i] : '>';
    if (c == ':' || c == ' ') {
      word.clear();  // what came before was a namespace, perhaps `(anonymous namespace)`
    } else if (c == '<' || c == '>' || c == ',') {
      name += std::exchange(word, {});
    } else {
      word += c;
    }
  }
  return name;
}

}  // namespace detail
}  // namespace balcao::json

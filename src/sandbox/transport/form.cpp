#include "sandbox/transport/form.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "platform/http/extract.hpp"
#include "platform/json/parse.hpp"

namespace balcao::sandbox {
namespace {

constexpr std::size_t deepest = 8;
constexpr std::size_t most_values = 1000;

std::optional<std::string> decode(std::string_view text) {
  auto decoded = http::percent_decode(text, true);
  if (decoded && decoded->find('\0') != decoded->npos) return std::nullopt;
  return decoded;
}

/// `a[b][]` → a, b and an empty key; nothing for brackets that do not fit together.
std::optional<std::vector<std::string>> split_name(std::string_view name) {
  auto const bracket = name.find('[');
  std::vector<std::string> keys{std::string(name.substr(0, bracket))};
  if (keys.front().empty() || keys.front().find(']') != std::string::npos) return std::nullopt;
  auto rest = bracket == name.npos ? std::string_view{} : name.substr(bracket);
  while (!rest.empty()) {
    auto const end = rest.find(']');
    if (rest.front() != '[' || end == rest.npos) return std::nullopt;
    auto const key = rest.substr(1, end - 1);
    if (key.find('[') != key.npos) return std::nullopt;
    keys.emplace_back(key);
    rest.remove_prefix(end + 1);
  }
  return keys;
}

/// Where `x[]` goes. In `x[][type]=…&x[][value]=…` a new element begins when the last one has that member already.
std::string place_in_array(Form const& array, std::string const* member) {
  if (member && !array.empty()) {
    auto last = std::to_string(array.size() - 1);
    auto const* element = array.if_contains(last);
    if (element && element->is_object() && !element->as_object().contains(*member)) return last;
  }
  return std::to_string(array.size());
}

/// False when a name is given both as a text and as an object.
bool insert(Form& form, std::vector<std::string> const& keys, std::string const& value) {
  Form* object = &form;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    bool const last = i + 1 == keys.size();
    auto const key = keys[i].empty() ? place_in_array(*object, last ? nullptr : &keys[i + 1]) : keys[i];
    auto* member = object->if_contains(key);
    if (last) {
      if (member && member->is_object()) return false;
      (*object)[key] = value;
    } else {
      if (!member) member = &object->emplace(key, Form{}).first->value();
      if (!member->is_object()) return false;
      object = &member->as_object();
    }
  }
  return true;
}

}  // namespace

std::expected<Form, ApiError> parse_form(std::string_view text) {
  auto const refuse = [](std::string message) { return std::unexpected(ApiError::invalid(std::move(message))); };
  Form form;
  for (std::size_t count = 0; !text.empty();) {
    auto const ampersand = text.find('&');
    auto const pair = text.substr(0, ampersand);
    text = ampersand == text.npos ? std::string_view{} : text.substr(ampersand + 1);
    if (pair.empty()) continue;
    if (++count > most_values) return refuse("Invalid request: too many parameters.");

    auto const equals = pair.find('=');
    auto const name = decode(pair.substr(0, equals));
    auto value = decode(equals == pair.npos ? std::string_view{} : pair.substr(equals + 1));
    if (!name || !value) return refuse("Invalid request: the parameters are not percent-encoded UTF-8.");
    auto const keys = split_name(*name);
    if (!keys) return refuse("Invalid request: the name of a parameter is malformed.");
    if (keys->size() > deepest) return refuse("Invalid request: the parameters are nested too deep.");
    if (!insert(form, *keys, std::move(*value))) {
      return refuse("Invalid request: a parameter is given both as a value and as a hash.");
    }
  }
  return form;
}

std::string canonical_text(json::Value const& parameters) {
  if (!parameters.is_object()) return json::to_text(parameters);
  std::vector<std::string> members;
  for (auto const& [name, value] : parameters.as_object()) {
    members.push_back(json::to_text(json::Value(name)) + canonical_text(value));
  }
  std::ranges::sort(members);
  std::string text = "{";
  for (auto const& member : members) text += member + ",";
  return text + "}";
}

}  // namespace balcao::sandbox

#include "sandbox/transport/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace balcao::sandbox {
namespace {

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t number = 0;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool const whole = fault == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

std::string joined(std::initializer_list<std::string_view> choices) {
  std::string list;
  for (auto const choice : choices) list.append(list.empty() ? "" : ", ").append(choice);
  return list;
}

}  // namespace

std::size_t characters_in(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string Parameters::full_name(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "[" + std::string(name) + "]";
}

bool Parameters::is_object(std::string_view name) const {
  auto const* member = form_.if_contains(name);
  return member && member->is_object();
}

std::optional<std::string> Parameters::take_text(std::string_view name) {
  auto const* member = form_.if_contains(name);
  if (!member) return std::nullopt;
  if (!member->is_string()) throw ApiError::invalid("Invalid string", full_name(name));
  std::string text(member->get_string());
  form_.erase(name);
  return text;
}

std::optional<Form> Parameters::take_object(std::string_view name, std::string_view kind) {
  auto* member = form_.if_contains(name);
  if (!member) return std::nullopt;
  if (!member->is_object()) throw ApiError::invalid("Invalid " + std::string(kind), full_name(name));
  Form form = std::move(member->as_object());
  form_.erase(name);
  return form;
}

bool Parameters::take_unset(std::string_view name) {
  auto const* member = form_.if_contains(name);
  bool const unset = member && member->is_string() && member->get_string().empty();
  if (unset) form_.erase(name);
  return unset;
}

std::optional<json::Value> Parameters::text(std::string_view name, std::size_t longest) {
  auto const text = take_text(name);
  if (!text) return std::nullopt;
  if (text->empty()) return json::Value(nullptr);
  if (characters_in(*text) > longest) {
    throw ApiError::invalid("Invalid string: must be at most " + std::to_string(longest) + " characters",
                            full_name(name));
  }
  return json::Value(*text);
}

std::optional<std::string> Parameters::given(std::string_view name, std::size_t longest) {
  auto const value = text(name, longest);
  return value && value->is_string() ? std::optional(std::string(value->get_string())) : std::nullopt;
}

std::optional<json::Value> Parameters::choice(std::string_view name, std::initializer_list<std::string_view> choices) {
  auto const value = text(name);
  if (!value || value->is_null()) return value;
  if (std::ranges::find(choices, std::string_view(value->get_string())) == choices.end()) {
    throw ApiError::invalid("Invalid " + full_name(name) + ": must be one of " + joined(choices), full_name(name));
  }
  return value;
}

std::optional<std::int64_t> Parameters::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  auto const text = take_text(name);
  if (!text) return std::nullopt;
  auto const number = to_integer(*text);
  auto const refuse = [&](std::string message) {
    return ApiError::invalid(std::move(message), full_name(name), "parameter_invalid_integer");
  };
  if (!number) throw refuse("Invalid integer");
  auto const currently = " (it currently is '" + std::to_string(*number) + "').";
  if (*number > max) throw refuse("This value must be less than or equal to " + std::to_string(max) + currently);
  if (*number < min) throw refuse("This value must be greater than or equal to " + std::to_string(min) + currently);
  return number;
}

std::optional<bool> Parameters::boolean(std::string_view name) {
  auto const text = take_text(name);
  if (!text) return std::nullopt;
  if (*text != "true" && *text != "false") throw ApiError::invalid("Invalid boolean: " + *text, full_name(name));
  return *text == "true";
}

std::string Parameters::required_text(std::string_view name, std::size_t longest) {
  auto const value = text(name, longest);
  if (!value) {
    throw ApiError::invalid("Missing required param: " + full_name(name) + ".", full_name(name), "parameter_missing");
  }
  if (value->is_null()) {
    throw ApiError::invalid("You passed an empty string for '" + full_name(name) + "'.", full_name(name),
                            "parameter_invalid_empty");
  }
  return std::string(value->get_string());
}

std::vector<std::string> Parameters::texts(std::string_view name) {
  if (take_unset(name)) return {};
  auto const array = take_object(name, "array");
  std::map<std::int64_t, std::string> in_order;
  for (auto const& [place, value] : array.value_or(Form{})) {
    auto const index = to_integer(place);
    if (!index || !value.is_string()) throw ApiError::invalid("Invalid array", full_name(name));
    in_order.emplace(*index, value.get_string());
  }
  std::vector<std::string> texts;
  for (auto& [index, text] : in_order) texts.push_back(std::move(text));
  return texts;
}

std::optional<Parameters> Parameters::object(std::string_view name) {
  auto form = take_object(name, "object");
  return form ? std::optional(Parameters(std::move(*form), full_name(name))) : std::nullopt;
}

std::vector<Parameters> Parameters::objects(std::string_view name) {
  auto const array = take_object(name, "array");
  std::map<std::int64_t, Parameters> in_order;
  for (auto const& [place, value] : array.value_or(Form{})) {
    auto const index = to_integer(place);
    if (!index || !value.is_object()) throw ApiError::invalid("Invalid array", full_name(name));
    in_order.emplace(*index, Parameters(value.as_object(), full_name(name) + "[" + std::string(place) + "]"));
  }
  std::vector<Parameters> objects;
  for (auto& [index, parameters] : in_order) objects.push_back(std::move(parameters));
  return objects;
}

std::vector<std::string> Parameters::names() const {
  std::vector<std::string> names;
  for (auto const& member : form_) names.emplace_back(member.key());
  return names;
}

void Parameters::refuse_unknown() const {
  if (form_.empty()) return;
  std::string list;
  for (auto const& name : names()) list += (list.empty() ? "" : ", ") + full_name(name);
  throw ApiError::invalid((form_.size() == 1 ? "Received unknown parameter: " : "Received unknown parameters: ") + list,
                          full_name(names().front()), "parameter_unknown");
}

}  // namespace balcao::sandbox

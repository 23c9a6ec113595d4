#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/transport/form.hpp"

namespace balcao::sandbox {

/// The gateway counts characters, not bytes.
std::size_t characters_in(std::string_view utf8);

/// A call's parameters while they are read: each is taken out under its rule, and what nobody took is unknown. What
/// does not fit is thrown as an ApiError that names the parameter.
class Parameters {
 public:
  /// `path` is the name of the object itself, where it is a member: `address`, `tax_id_data[0]`.
  explicit Parameters(Form form, std::string path = {}) : form_(std::move(form)), path_(std::move(path)) {}

  /// A text of at most `longest` characters: nothing if it was not sent, null if it was sent empty, which unsets it.
  std::optional<json::Value> text(std::string_view name, std::size_t longest = 5000);
  /// A text that cannot be unset: nothing if it was sent empty, too.
  std::optional<std::string> given(std::string_view name, std::size_t longest = 5000);
  /// As `text`, one of `choices`.
  std::optional<json::Value> choice(std::string_view name, std::initializer_list<std::string_view> choices);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<bool> boolean(std::string_view name);
  std::string required_text(std::string_view name, std::size_t longest = 5000);

  std::vector<std::string> texts(std::string_view name);
  std::optional<Parameters> object(std::string_view name);
  std::vector<Parameters> objects(std::string_view name);

  /// Whether it was sent empty, `name=`; takes it then.
  bool take_unset(std::string_view name);
  bool has(std::string_view name) const { return form_.contains(name); }
  bool is_object(std::string_view name) const;
  bool empty() const { return form_.empty(); }
  /// All that is left, to be read later.
  Form form() && { return std::move(form_); }

  /// The names that are left.
  std::vector<std::string> names() const;
  /// `city` → `address[city]`
  std::string full_name(std::string_view name) const;
  /// Throws `parameter_unknown` if anything is left.
  void refuse_unknown() const;

 private:
  std::optional<std::string> take_text(std::string_view name);
  std::optional<Form> take_object(std::string_view name, std::string_view kind);

  Form form_;
  std::string path_;
};

}  // namespace balcao::sandbox

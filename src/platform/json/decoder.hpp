#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "platform/json/value.hpp"
#include "platform/problem.hpp"

namespace balcao::json {

/// Where in the document a decoder stands; a chain on the stack, written out only when there is a fault to report.
class Path {
 public:
  Path() = default;
  Path operator/(std::string_view member) const { return Path(this, member, 0); }
  Path operator/(std::size_t index) const { return Path(this, {}, index); }

  /// The JSON Pointer (RFC 6901); empty for the whole document.
  std::string pointer() const;

 private:
  Path(Path const* parent, std::string_view member, std::size_t index)
      : parent_(parent), member_(member), index_(index) {}

  Path const* parent_ = nullptr;
  std::string_view member_;
  std::size_t index_ = 0;
};

/// What a document comes from: JSON has types, while a form's or a query's values are all text.
enum class Notation { json, text };

/// Collects every fault of a document, so that the client learns of all of them at once.
class Decoder {
 public:
  static constexpr std::size_t max_faults = 100;  ///< told: a body of a million faults must not make a longer answer

  explicit Decoder(Notation notation = Notation::json) : notation_(notation) {}

  Notation notation() const { return notation_; }
  void fault(Path const& path, Text detail) {
    if (++count_ <= max_faults) faults_.push_back({path.pointer(), std::move(detail)});
  }
  void missing(Path const& path) { fault(path, {"It is required.", "É obrigatório."}); }
  void unknown(Path const& path) {
    if (!ignores_unknown_) fault(path, {"There is no such field.", "Não existe este campo."});
  }

  /// For what another version of ours may have written: its new members are none of our business.
  void ignore_unknown() { ignores_unknown_ = true; }

  std::vector<FieldFault>& faults() { return faults_; }
  /// How many there are, told or not.
  std::size_t count() const { return count_; }

 private:
  Notation notation_;
  bool ignores_unknown_ = false;
  std::size_t count_ = 0;
  std::vector<FieldFault> faults_;
};

/// The component schemas of an OpenAPI document (JSON Schema 2020-12), each registered once under its name.
struct Schemas {
  Object components;
};

}  // namespace balcao::json

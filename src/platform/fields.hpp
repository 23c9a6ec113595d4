#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "platform/json/value.hpp"
#include "platform/problem.hpp"

namespace balcao {

namespace detail {

/// How many code points well-formed UTF-8 has.
std::size_t count_code_points(std::string_view text);
std::expected<void, Text> check_text(std::string_view text, std::size_t min, std::size_t max);
json::Value text_schema(std::size_t min, std::size_t max);
std::expected<void, Text> check_integer(std::int64_t number, std::int64_t min, std::int64_t max);
json::Value integer_schema(std::int64_t min, std::int64_t max);
Text none_of(std::span<std::string_view const> words);
json::Value choice_schema(std::span<std::string_view const> words);

}  // namespace detail

/// Text of Min to Max code points without control characters (tab and line breaks are fine).
template <std::size_t Min, std::size_t Max>
class BoundedText {
 public:
  static std::expected<BoundedText, Text> parse(std::string_view text) {
    auto const checked = detail::check_text(text, Min, Max);
    if (!checked) return std::unexpected(checked.error());
    return BoundedText(std::string(text));
  }
  static json::Value schema() { return detail::text_schema(Min, Max); }
  std::string const& str() const { return text_; }

 private:
  explicit BoundedText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A whole number from Min to Max.
template <std::int64_t Min, std::int64_t Max>
class BoundedInteger {
 public:
  static std::expected<BoundedInteger, Text> parse(std::int64_t number) {
    auto const checked = detail::check_integer(number, Min, Max);
    if (!checked) return std::unexpected(checked.error());
    return BoundedInteger(number);
  }
  static json::Value schema() { return detail::integer_schema(Min, Max); }
  std::int64_t number() const { return number_; }

 private:
  explicit BoundedInteger(std::int64_t number) : number_(number) {}
  std::int64_t number_;
};

/// One of a few words, of which `words` is an array.
template <auto const& words>
class Choice {
 public:
  static std::expected<Choice, Text> parse(std::string_view text) {
    auto const found = std::ranges::find(words, text);
    if (found == words.end()) return std::unexpected(detail::none_of(words));
    return Choice(static_cast<std::size_t>(found - words.begin()));
  }
  static json::Value schema() { return detail::choice_schema(words); }
  std::string_view str() const { return words[index_]; }
  /// Which of them.
  std::size_t index() const { return index_; }

 private:
  explicit Choice(std::size_t index) : index_(index) {}
  std::size_t index_;
};

/// An e-mail address as the HTML standard has it (§4.10.5.1.5), at most 254 characters (RFC 5321): enough to catch what
/// cannot be one; whether it is someone's, only a message tells.
class Email {
 public:
  static std::expected<Email, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return text_; }

 private:
  explicit Email(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A currency's ISO 4217 code, kept in upper case.
class Currency {
 public:
  static std::expected<Currency, Text> parse(std::string_view text);
  static json::Value schema();
  static Currency brl() { return Currency("BRL"); }
  std::string const& str() const { return code_; }

 private:
  explicit Currency(std::string code) : code_(std::move(code)) {}
  std::string code_;
};

/// An absolute `http` or `https` address of at most 2048 characters, without user or password in it.
class WebAddress {
 public:
  static std::expected<WebAddress, Text> parse(std::string_view text);
  static json::Value schema();
  std::string const& str() const { return text_; }

 private:
  explicit WebAddress(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace balcao

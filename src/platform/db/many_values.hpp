#pragma once

#include <algorithm>
#include <deque>
#include <span>

#include "platform/db/owned_statement.hpp"

namespace balcao::db {

/// `$1, $2, …` up to `count`.
std::string placeholders(std::size_t count);

/// A statement that takes any number of values, made in a few sizes: where there are fewer of them, the last one is
/// named again, so that there are few statements to prepare. It must live until its calls are answered.
class ManyValues {
 public:
  struct Size {
    std::size_t values;
    std::string sql;  ///< with the parameters `$1` up to `values`, for which it does not matter that one comes twice
  };

  /// `sizes` ascend.
  ManyValues(std::string_view name, std::vector<Size> sizes);
  ManyValues(ManyValues const&) = delete;

  /// As many calls as it takes; none for no values.
  template <class T>
  std::vector<Call> calls(std::vector<T> const& values) const {
    std::vector<Call> all;
    for (std::span<T const> rest = values; !rest.empty();) {
      auto const& [size, statement] = fit(rest.size());
      auto const some = rest.first(std::min(rest.size(), size));
      auto& call = all.emplace_back(Call{&statement.statement, {size, to_value(some.back())}});
      std::ranges::transform(some, call.params.begin(), [](T const& value) { return to_value(value); });
      rest = rest.subspan(some.size());
    }
    return all;
  }

 private:
  struct Sized {
    Sized(std::string_view name, Size size) : values(size.values), statement(name, std::move(size.sql)) {}
    std::size_t values;
    OwnedStatement statement;
  };

  /// The first that is large enough, or the largest.
  Sized const& fit(std::size_t values) const;

  std::deque<Sized> sizes_;
};

}  // namespace balcao::db

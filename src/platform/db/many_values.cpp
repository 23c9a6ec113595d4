#include "platform/db/many_values.hpp"

namespace balcao::db {

std::string placeholders(std::size_t count) {
  std::string list = "$1";
  for (std::size_t i = 2; i <= count; ++i) list += ", $" + std::to_string(i);
  return list;
}

ManyValues::ManyValues(std::string_view name, std::vector<Size> sizes) {
  for (auto& size : sizes) sizes_.emplace_back(name, std::move(size));
}

ManyValues::Sized const& ManyValues::fit(std::size_t values) const {
  auto const found = std::ranges::find_if(sizes_, [values](Sized const& size) { return values <= size.values; });
  return found == sizes_.end() ? sizes_.back() : *found;
}

}  // namespace balcao::db

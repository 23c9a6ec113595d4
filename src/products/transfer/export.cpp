#include "products/transfer/export.hpp"

namespace balcao::products {

Task<std::optional<std::string>> Export::next() {
  if (has_ended_) co_return std::nullopt;
  std::string piece;
  if (!std::exchange(has_begun_, true)) append_head(format_, piece);
  auto const page = co_await store_.page(owner_, last_, page_rows);
  for (auto const& product : page) append_row(format_, product, piece);
  rows_ += page.size();
  has_ended_ = page.size() < page_rows;
  if (!page.empty()) last_ = page.back().id;
  co_return piece;
}

}  // namespace balcao::products

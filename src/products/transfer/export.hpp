#pragma once

#include "products/transfer/store.hpp"

namespace balcao::products {

/// Writes products, one owner's or all, active or not, as a file that can be imported again: in the order of their ids,
/// a page at a time. What is made or changed meanwhile may be in it or not.
class Export {
 public:
  static constexpr std::size_t page_rows = 250;

  Export(TransferStore& store, std::optional<Id<Owner>> owner, Format format)
      : store_(store), owner_(owner), format_(format) {}

  /// The next piece of the file; nothing at the end.
  Task<std::optional<std::string>> next();

  /// So far.
  std::uint64_t rows() const { return rows_; }

 private:
  TransferStore& store_;
  std::optional<Id<Owner>> const owner_;
  Format const format_;
  std::uint64_t rows_ = 0;
  std::optional<Id<Product>> last_;
  bool has_begun_ = false;
  bool has_ended_ = false;
};

}  // namespace balcao::products

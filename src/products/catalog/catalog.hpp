#pragma once

#include <functional>

#include "products/catalog/search.hpp"
#include "products/catalog/store.hpp"

namespace balcao::products {

struct NewProduct {
  Name name;
  Price price;
  std::optional<Currency> currency;  ///< BRL where it is left out
  std::optional<Description> description;
  std::optional<Stock> stock;
  std::optional<WebAddress> image_url;
  std::optional<bool> active;
};

/// Which versions of a product a change is meant for: those of `If-Match` (RFC 9110 §13.1.1); empty: any.
using VersionCheck = std::function<bool(std::int64_t version)>;

/// Problem not_found, for a product.
Problem no_such_product();

/// The rules of the catalog. Anyone reads; users write what is theirs, administrators everything.
class Catalog {
 public:
  /// Told of each change of a product that was committed, or may have been, before its caller is told what came of it;
  /// with the words that it may have brought.
  using Written = std::function<void(Id<Product>, std::vector<std::string> words)>;

  /// What it is given must outlive it.
  Catalog(Store& store, Clock const& clock, Written written)
      : store_(store), search_(store.words()), clock_(clock), written_(std::move(written)) {}

  Task<Product> create(Actor actor, NewProduct product);
  /// One that is not active is there for its owner and administrators alone. Problem not_found.
  Task<Product> find(std::optional<Actor> actor, Id<Product> id);
  /// Problems: not_found, forbidden, precondition_failed. A change for any version takes no notice of others at the
  /// same time: each changes what it names.
  Task<Product> change(Actor actor, Id<Product> id, VersionCheck wanted, ProductChange change);
  /// Problems: not_found, forbidden, precondition_failed.
  Task<> remove(Actor actor, Id<Product> id, VersionCheck wanted);
  Task<Page> list(ListRequest request);

 private:
  Task<Product> find_for_change(Actor actor, Id<Product> id, VersionCheck wanted);

  Store& store_;
  Search search_;
  Clock const& clock_;
  Written const written_;
};

}  // namespace balcao::products

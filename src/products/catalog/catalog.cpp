#include "products/catalog/catalog.hpp"

#include "products/catalog/announcement.hpp"
#include "products/catalog/search_text.hpp"

namespace balcao::products {
namespace {

Problem changed_meanwhile() {
  return Problem(problems::precondition_failed,
                 {"Read the product again and decide anew.", "Leia o produto de novo e decida outra vez."});
}

Position position_of(Product const& product, Order order) {
  switch (order) {
    case Order::cheapest:
    case Order::dearest:
      return {product.price, product.id};
    case Order::name_up:
    case Order::name_down:
      return {product.name, product.id};
    case Order::newest:
    case Order::oldest:
      break;
  }
  return {{}, product.id};
}

/// Those that a change may bring; the store applies it to this name and description only.
std::vector<std::string> new_words(Product const& before, ProductChange const& change) {
  if (!change.name && !change.description) return {};
  return words_of((change.name ? change.name->str() : before.name) + ' ' +
                  (change.description ? change.description->str() : before.description));
}

}  // namespace

Problem no_such_product() {
  return Problem(problems::not_found, {"There is no such product.", "Não existe este produto."});
}

Task<Product> Catalog::create(Actor actor, NewProduct fresh) {
  auto const now = clock_.now();
  Product product;
  product.id = Id<Product>::make(now);
  product.owner = actor.id;
  product.name = fresh.name.str();
  product.price = fresh.price.number();
  product.currency = fresh.currency.value_or(Currency::brl()).str();
  if (fresh.description) product.description = fresh.description->str();
  if (fresh.stock) product.stock = fresh.stock->number();
  if (fresh.image_url) product.image_url = fresh.image_url->str();
  product.active = fresh.active.value_or(true);
  product.created_at = product.updated_at = now;
  // With the words as they are now: the product is moved to the caller before the announcement goes out.
  Announcement announcement(
      [this, id = product.id, words = words_of(product.name + ' ' + product.description)] { written_(id, words); });
  co_await announcement.watch(store_.insert(product));
  co_return product;
}

Task<Product> Catalog::find(std::optional<Actor> actor, Id<Product> id) {
  auto product = co_await store_.find(id);
  if (!product) throw no_such_product();
  bool const may_see = product->active || (actor && (actor->administrator || product->owner == actor->id));
  if (!may_see) throw no_such_product();
  co_return std::move(*product);
}

Task<Product> Catalog::find_for_change(Actor actor, Id<Product> id, VersionCheck wanted) {
  auto product = co_await find(actor, id);
  if (!actor.administrator && product.owner != actor.id) {
    throw Problem(problems::forbidden, {"The product is another user's.", "O produto é de outro usuário."});
  }
  if (wanted && !wanted(product.version)) throw changed_meanwhile();
  co_return product;
}

/// Someone else's change may come between reading and writing: then it is read and decided anew, a few times.
Task<Product> Catalog::change(Actor actor, Id<Product> id, VersionCheck wanted, ProductChange change) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    auto const before = co_await find_for_change(actor, id, wanted);
    auto const version = wanted ? std::optional(before.version) : std::nullopt;
    Announcement announcement([&] { written_(id, new_words(before, change)); });
    auto after = co_await announcement.watch(store_.update(before, version, change, clock_.now()));
    if (after) co_return std::move(*after);
    announcement.withdraw();
  }
  throw changed_meanwhile();
}

Task<> Catalog::remove(Actor actor, Id<Product> id, VersionCheck wanted) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    auto const before = co_await find_for_change(actor, id, wanted);
    auto const version = wanted ? std::optional(before.version) : std::nullopt;
    Announcement announcement([&] { written_(id, {}); });
    if (co_await announcement.watch(store_.remove(id, version, clock_.now()))) co_return;
    announcement.withdraw();
  }
  throw changed_meanwhile();
}

Task<Page> Catalog::list(ListRequest request) {
  std::vector<Term> terms;
  if (request.text) {
    auto found = co_await search_.terms_of(request);
    if (!found) co_return Page{};
    terms = std::move(*found);
  }
  auto const limit = static_cast<std::size_t>(request.limit);
  auto const order = request.order;
  auto found = co_await store_.lists().list(std::move(request), std::move(terms));
  Page page{std::move(found.products), found.stopped_at};
  if (page.products.size() > limit) {
    page.products.resize(limit);
    page.next = position_of(page.products.back(), order);
  }
  co_return page;
}

}  // namespace balcao::products

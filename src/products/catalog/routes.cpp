#include "products/routes.hpp"
#include "access/scopes.hpp"
#include "platform/http/merge_patch.hpp"
#include "platform/http/paging.hpp"
#include "platform/json/describe.hpp"
#include "products/catalog/changes.hpp"
#include "products/catalog/cursor.hpp"

namespace balcao::products {

BOOST_DESCRIBE_STRUCT(NewProduct, (), (name, price, currency, description, stock, image_url, active))

namespace {

using http::Access;
using http::Body;
using http::Caller;
using http::Created;
using http::Header;
using http::Method;
using http::NoContent;
using http::Ok;
using http::Path;
using http::Query;

using Limit = BoundedInteger<1, 100>;
using SearchText = BoundedText<1, 100>;
using CursorText = BoundedText<1, 2000>;

/// The order of a list, by its public name.
class Sort {
 public:
  static std::expected<Sort, Text> parse(std::string_view text) {
    if (auto const order = parse_order(text)) return Sort(std::string(text), *order);
    return std::unexpected(Text{"It must be created_at, price or name, with `-` before it for the other way round.",
                                "Deve ser created_at, price ou name, com `-` na frente para inverter."});
  }
  static json::Value schema() {
    return {{"type", "string"}, {"enum", json::Array{"created_at", "-created_at", "price", "-price", "name", "-name"}}};
  }
  std::string const& str() const { return text_; }
  Order order() const { return order_; }

 private:
  Sort(std::string text, Order order) : text_(std::move(text)), order_(order) {}
  std::string text_;
  Order order_;
};

struct ListQuery {
  std::optional<Limit> limit;
  std::optional<CursorText> cursor;
  std::optional<SearchText> q;
  std::optional<Sort> sort;
  std::optional<Price> min_price;
  std::optional<Price> max_price;
  std::optional<Currency> currency;
  std::optional<Id<Owner>> owner;
};
BOOST_DESCRIBE_STRUCT(ListQuery, (), (limit, cursor, q, sort, min_price, max_price, currency, owner))

/// `null` is as if left out here, so that a PUT of the original documentation takes nothing away.
struct ProductUpdate {
  std::optional<Name> name;
  std::optional<Price> price;
  std::optional<Currency> currency;
  std::optional<Description> description;
  std::optional<Stock> stock;
  std::optional<WebAddress> image_url;
  std::optional<bool> active;
};
BOOST_DESCRIBE_STRUCT(ProductUpdate, (), (name, price, currency, description, stock, image_url, active))

struct ProductPatch {
  json::Replaceable<Name> name;
  json::Replaceable<Price> price;
  json::Replaceable<Currency> currency;
  json::Removable<Description> description;
  json::Removable<Stock> stock;
  json::Removable<WebAddress> image_url;
  json::Replaceable<bool> active;
};
BOOST_DESCRIBE_STRUCT(ProductPatch, (), (name, price, currency, description, stock, image_url, active))

/// What is there is changed; nothing is removed.
template <class T>
std::optional<std::optional<T>> replaced(std::optional<T> value) {
  std::optional<std::optional<T>> change;
  if (value) change.emplace(std::move(value));
  return change;
}

ProductChange change_of(ProductUpdate update) {
  return {std::move(update.name),
          update.price,
          std::move(update.currency),
          std::move(update.description),
          replaced(update.stock),
          replaced(std::move(update.image_url)),
          update.active};
}

ProductChange change_of(ProductPatch patch) {
  ProductChange change{std::move(patch.name.change),
                       patch.price.change,
                       std::move(patch.currency.change),
                       std::nullopt,
                       patch.stock.change,
                       std::move(patch.image_url.change),
                       patch.active.change};
  // A product without a description has an empty one.
  if (patch.description.change) change.description = patch.description.change->value_or(Description::parse("").value());
  return change;
}

struct ProductView {
  Id<Product> id;
  Id<Owner> owner_id;
  std::string name;
  std::string description;
  std::int64_t price;
  std::string currency;
  std::optional<std::int64_t> stock;
  std::optional<std::string> image_url;
  bool active;
  Time created_at;
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(ProductView, (),
                      (id, owner_id, name, description, price, currency, stock, image_url, active, created_at,
                       updated_at))

struct ProductList {
  std::vector<ProductView> data;
  std::optional<std::string> next_cursor;
  bool has_more;
};
BOOST_DESCRIBE_STRUCT(ProductList, (), (data, next_cursor, has_more))

ProductView view(Product const& product) {
  return {product.id,    product.owner,     product.name,   product.description, product.price,     product.currency,
          product.stock, product.image_url, product.active, product.created_at,  product.updated_at};
}

std::string etag(Product const& product) { return '"' + std::to_string(product.version) + '"'; }

VersionCheck versions_of(Header<"If-Match"> const& if_match) {
  if (!if_match.value) return {};
  return [wanted = *if_match.value](std::int64_t version) {
    return http::matches_strongly(wanted, '"' + std::to_string(version) + '"');
  };
}

ListRequest list_request(ListQuery const& query) {
  ListRequest request;
  if (query.limit) request.limit = query.limit->number();
  if (query.sort) request.order = query.sort->order();
  if (query.q) request.text = query.q->str();
  if (query.min_price) request.min_price = query.min_price->number();
  if (query.max_price) request.max_price = query.max_price->number();
  if (query.currency) request.currency = query.currency->str();
  request.owner = query.owner;
  if (request.min_price && request.max_price && *request.min_price > *request.max_price) {
    throw invalid_field("?min_price", {"It is higher than max_price.", "É maior que max_price."});
  }
  if (query.cursor) {
    request.after = parse_cursor(query.cursor->str(), request.order);
    if (!request.after) {
      throw invalid_field("?cursor", {"It is no cursor of this list: take next_cursor of the page before.",
                                      "Não é um cursor desta lista: use o next_cursor da página anterior."});
    }
  }
  return request;
}

Task<http::Paged<ProductList>> list(Catalog& catalog, http::Target target, Query<ListQuery> query) {
  auto request = list_request(query.value);
  auto const order = request.order;
  auto const page = co_await catalog.list(std::move(request));
  ProductList body{{}, std::nullopt, page.next.has_value()};
  body.data.reserve(page.products.size());
  for (auto const& product : page.products) body.data.push_back(view(product));
  if (page.next) body.next_cursor = to_cursor(*page.next, order);
  auto link = body.next_cursor ? http::next_link(target, *body.next_cursor) : std::string();
  co_return http::Paged<ProductList>{std::move(body), std::move(link)};
}

Task<Created<ProductView>> create(Catalog& catalog, Caller caller, Body<NewProduct> body) {
  auto const product = co_await catalog.create(actor(caller), std::move(body.value));
  co_return Created<ProductView>{view(product), "/products/" + product.id.str(), etag(product)};
}

Task<Ok<ProductView>> find(Catalog& catalog, http::Visitor visitor, Path<"id", Id<Product>> id) {
  auto const who = visitor.caller ? std::optional(actor(*visitor.caller)) : std::nullopt;
  auto const product = co_await catalog.find(who, id.value);
  co_return Ok<ProductView>{view(product), etag(product)};
}

Task<Ok<ProductView>> update(Catalog& catalog, Caller caller, Path<"id", Id<Product>> id, Header<"If-Match"> if_match,
                             Body<ProductUpdate> body) {
  auto change = change_of(std::move(body.value));
  auto const product = co_await catalog.change(actor(caller), id.value, versions_of(if_match), std::move(change));
  co_return Ok<ProductView>{view(product), etag(product)};
}

Task<Ok<ProductView>> patch(Catalog& catalog, Caller caller, Path<"id", Id<Product>> id, Header<"If-Match"> if_match,
                            http::MergePatch<ProductPatch> body) {
  auto change = change_of(std::move(body.value));
  auto const product = co_await catalog.change(actor(caller), id.value, versions_of(if_match), std::move(change));
  co_return Ok<ProductView>{view(product), etag(product)};
}

Task<NoContent> remove(Catalog& catalog, Caller caller, Path<"id", Id<Product>> id, Header<"If-Match"> if_match) {
  co_await catalog.remove(actor(caller), id.value, versions_of(if_match));
  co_return NoContent{};
}

std::optional<std::string> topic_of_list(http::Request const&) { return std::string(Changes::lists); }

std::optional<std::string> topic_of_product(http::Request const& request) {
  auto const id = Id<Product>::parse(request.path.substr(request.path.rfind('/') + 1));
  return id ? std::optional(id->str()) : std::nullopt;
}

}  // namespace

http::Endpoints catalog_endpoints(Catalog& catalog, http::ResponseCache& pages) {
  auto const tag = "Products";
  auto const& changed = problems::precondition_failed;
  auto const& not_yours = problems::forbidden;
  auto const writer = Access::user.with_scope(access::scopes::products_write);
  return {
      pages.in_front_of(http::endpoint(Method::get, "/products", Access::anyone,
                                       {tag, "listProducts", "The products for sale, a page at a time"}, catalog, list),
                        topic_of_list),
      http::endpoint(Method::post, "/products", writer, {tag, "createProduct", "Add a product"}, catalog, create),
      pages.in_front_of(
          http::endpoint(
              Method::get, "/products/{id}", Access::visitor.with_scope(access::scopes::products_write),
              {tag, "getProduct", "One product; where it is not active, for its owner and administrators alone"},
              catalog, find),
          topic_of_product),
      http::endpoint(Method::put, "/products/{id}", writer,
                     {tag, "updateProduct", "Change a product; what is left out stays", {&changed, &not_yours}},
                     catalog, update),
      http::endpoint(Method::patch, "/products/{id}", writer,
                     {tag,
                      "patchProduct",
                      "Change a product by a JSON Merge Patch; null removes what it can be without",
                      {&changed, &not_yours}},
                     catalog, patch),
      http::endpoint(Method::del, "/products/{id}", writer,
                     {tag, "deleteProduct", "Remove a product", {&changed, &not_yours}}, catalog, remove),
  };
}

}  // namespace balcao::products

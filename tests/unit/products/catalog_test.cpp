#include "products/catalog/catalog.hpp"

#include <map>

#include "../platform/db/database_fixture.hpp"
#include "products/catalog/cursor.hpp"
#include "products/migrations.hpp"

namespace balcao::products {
namespace {

using namespace std::chrono_literals;
using balcao::test::status_of;

class CatalogTest : public balcao::test::DatabaseTest {
 protected:
  static NewProduct draft(std::string_view name, std::int64_t price) {
    return {Name::parse(name).value(), Price::parse(price).value(), {}, {}, {}, {}, {}};
  }
  Product add(std::string_view name, std::int64_t price) {
    clock.advance(1ms);
    return run(catalog.create(owner, draft(name, price)));
  }
  static ProductChange price_change(std::int64_t price) {
    ProductChange change;
    change.price = Price::parse(price).value();
    return change;
  }
  static VersionCheck only(std::int64_t version) {
    return [version](std::int64_t has) { return has == version; };
  }
  static inline VersionCheck const any;

  /// A request for a list, with what `set` says about it.
  static ListRequest asking(std::function<void(ListRequest&)> const& set) {
    ListRequest request;
    set(request);
    return request;
  }
  std::vector<std::string> names(std::function<void(ListRequest&)> const& set) { return names(asking(set)); }
  std::vector<std::string> names(ListRequest request) {
    std::vector<std::string> found;
    for (auto const& product : run(catalog.list(std::move(request))).products) found.push_back(product.name);
    return found;
  }

  balcao::test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("products", migrations, clock.now());
  Store store{*database, 1};
  int writes = 0;
  Catalog catalog{store, clock, [this](Id<Product>, std::vector<std::string> const&) { ++writes; }};
  Actor const owner{Id<Owner>::make(clock.now()), false};
  Actor const stranger{Id<Owner>::make(clock.now()), false};
  Actor const administrator{Id<Owner>::make(clock.now()), true};
};

using Names = std::vector<std::string>;

TEST_F(CatalogTest, MakesAProductWithItsDefaults) {
  auto const product = add("Café", 990);
  EXPECT_EQ(product.currency, "BRL");
  EXPECT_EQ(product.version, 1);
  EXPECT_TRUE(product.active);
  EXPECT_FALSE(product.stock);
  auto const read = run(catalog.find({}, product.id));
  EXPECT_EQ(read.name, "Café");
  EXPECT_EQ(read.owner, owner.id);
  EXPECT_EQ(read.created_at, clock.now());
  EXPECT_EQ(writes, 1);
}

TEST_F(CatalogTest, FindsManyAtOnceEachItsOwn) {
  std::vector<Id<Product>> ids;
  for (int i = 0; i < 45; ++i) ids.push_back(add("Product " + std::to_string(i), i).id);
  run(catalog.remove(owner, ids[7], any));
  std::vector<std::optional<std::int64_t>> prices(ids.size());
  auto const note = [](Store& asked, Id<Product> id, std::optional<std::int64_t>& price) -> Task<> {
    if (auto const product = co_await asked.find(id)) price = product->price;
  };
  std::vector<Task<>> asking;
  for (std::size_t i = 0; i < ids.size(); ++i) asking.push_back(note(store, ids[i], prices[i]));
  for (auto const& failure : run_together(std::move(asking))) EXPECT_FALSE(failure);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(prices[i], i == 7 ? std::nullopt : std::optional<std::int64_t>(i)) << i;
  }
}

TEST_F(CatalogTest, ChangesOnlyWhatIsGiven) {
  auto const product = add("Café", 990);
  clock.advance(1s);
  auto const changed = run(catalog.change(owner, product.id, any, price_change(1090)));
  EXPECT_EQ(changed.price, 1090);
  EXPECT_EQ(changed.name, "Café");
  EXPECT_EQ(changed.version, 2);
  EXPECT_EQ(changed.updated_at, changed.created_at + 1s);
}

/// PostgreSQL prepares a statement for the types of its first call: here nearly everything is NULL.
TEST_F(CatalogTest, ChangesNothingAndThenEverything) {
  auto const product = add("Café", 990);
  EXPECT_EQ(run(catalog.change(owner, product.id, any, {})).version, 2);
  ProductChange change;
  change.name = Name::parse("Chá").value();
  change.price = Price::parse(1200).value();
  change.currency = Currency::parse("USD").value();
  change.description = Description::parse("hot").value();
  change.stock.emplace(Stock::parse(3).value());
  change.image_url.emplace(WebAddress::parse("https://example.com/x.png").value());
  change.active = false;
  run(catalog.change(owner, product.id, any, change));
  EXPECT_EQ(status(catalog.find({}, product.id)), 404) << "it is for sale no more";
  auto const changed = run(catalog.find(owner, product.id));
  EXPECT_EQ(changed.name, "Chá");
  EXPECT_EQ(changed.price, 1200);
  EXPECT_EQ(changed.currency, "USD");
  EXPECT_EQ(changed.description, "hot");
  EXPECT_EQ(changed.stock, 3);
  EXPECT_EQ(changed.image_url, "https://example.com/x.png");
  EXPECT_FALSE(changed.active);
}

TEST_F(CatalogTest, RemovesWhatAProductCanBeWithout) {
  auto made = draft("Café", 990);
  made.stock = Stock::parse(3).value();
  made.image_url = WebAddress::parse("https://example.com/x.png").value();
  auto const product = run(catalog.create(owner, std::move(made)));
  ProductChange change;
  change.stock.emplace();
  EXPECT_FALSE(run(catalog.change(owner, product.id, any, change)).stock);
  change = {};
  change.image_url.emplace();
  auto const changed = run(catalog.change(owner, product.id, only(2), change));
  EXPECT_FALSE(changed.stock);
  EXPECT_FALSE(changed.image_url);
  EXPECT_EQ(changed.name, "Café");
}

/// Each order takes from the stock and moves the version on.
TEST_F(CatalogTest, AChangeForAnyVersionIsMadeHoweverOftenTheVersionMovesOn) {
  auto const product = add("Café", 990);
  static constexpr db::Statement sell_sql{"test.sell", "UPDATE products.products SET version = version + 1"};
  std::vector<Task<>> work;
  auto const sell = [&]() -> Task<> {
    for (int i = 0; i < 100; ++i) co_await database->query(sell_sql);
  };
  auto const change = [&](std::int64_t price) -> Task<> {
    co_await catalog.change(owner, product.id, any, price_change(price));
  };
  auto const rename = [&](std::string name) -> Task<> {
    ProductChange renamed;
    renamed.name = Name::parse(name).value();
    co_await catalog.change(owner, product.id, any, renamed);
  };
  for (int i = 0; i < 4; ++i) work.push_back(sell());
  for (int i = 0; i < 40; ++i) work.push_back(change(i));
  work.push_back(rename("Chá"));
  for (auto const& failure : run_together(std::move(work))) EXPECT_EQ(status_of(failure), 0);
  EXPECT_EQ(run(catalog.find({}, product.id)).version, 442);
}

TEST_F(CatalogTest, ChangesOnlyTheVersionThatIsMeant) {
  auto const product = add("Café", 990);
  EXPECT_EQ(status(catalog.change(owner, product.id, only(2), price_change(1))), 412);
  EXPECT_EQ(status(catalog.change(owner, product.id, only(1), price_change(2))), 0);
  EXPECT_EQ(status(catalog.change(owner, product.id, only(1), price_change(3))), 412);
  EXPECT_EQ(status(catalog.remove(owner, product.id, only(1))), 412);
  EXPECT_EQ(run(catalog.find({}, product.id)).price, 2);
  EXPECT_EQ(writes, 2) << "only committed changes are told";
  EXPECT_EQ(status(catalog.remove(owner, product.id, only(2))), 0);
  EXPECT_EQ(status(catalog.find({}, product.id)), 404);
  EXPECT_EQ(status(catalog.change(owner, product.id, any, price_change(3))), 404);
  EXPECT_EQ(status(catalog.remove(owner, product.id, any)), 404);
}

TEST_F(CatalogTest, OneOfManyParallelChangesToAVersionWins) {
  auto const product = add("Café", 990);
  std::map<int, int> outcomes;
  std::vector<Task<>> changes;
  auto const change = [&](std::int64_t price) -> Task<> {
    co_await catalog.change(owner, product.id, only(1), price_change(price));
  };
  for (int i = 0; i < 20; ++i) changes.push_back(change(i));
  for (auto const& failure : run_together(std::move(changes))) ++outcomes[status_of(failure)];
  EXPECT_EQ(outcomes, (std::map<int, int>{{0, 1}, {412, 19}}));
  EXPECT_EQ(run(catalog.find({}, product.id)).version, 2);
}

TEST_F(CatalogTest, LetsOnlyTheOwnerAndAdministratorsWrite) {
  auto const product = add("Café", 990);
  EXPECT_EQ(status(catalog.change(stranger, product.id, any, price_change(1))), 403);
  EXPECT_EQ(status(catalog.change(stranger, product.id, only(7), price_change(1))), 403) << "rights before versions";
  EXPECT_EQ(status(catalog.remove(stranger, product.id, any)), 403);
  EXPECT_EQ(status(catalog.change(administrator, product.id, any, price_change(1))), 0);
  EXPECT_EQ(run(catalog.find({}, product.id)).owner, owner.id);
  EXPECT_EQ(status(catalog.remove(administrator, product.id, any)), 0);
}

TEST_F(CatalogTest, ListsWhatIsAskedFor) {
  add("Café", 990);
  add("Chá 100% mate", 500);
  auto inactive = draft("Hidden", 1);
  inactive.active = false;
  run(catalog.create(owner, std::move(inactive)));
  auto foreign = draft("Mug_x", 700);
  foreign.currency = Currency::parse("USD").value();
  clock.advance(1ms);
  run(catalog.create(stranger, std::move(foreign)));

  EXPECT_EQ(names(ListRequest{}), (Names{"Mug_x", "Chá 100% mate", "Café"}));
  EXPECT_EQ(names([&](auto& r) { r.order = Order::name_up; }), (Names{"Café", "Chá 100% mate", "Mug_x"}));
  EXPECT_EQ(names([&](auto& r) {
              r.min_price = 500;
              r.max_price = 700;
            }),
            (Names{"Mug_x", "Chá 100% mate"}));
  EXPECT_EQ(names([&](auto& r) { r.currency = "USD"; }), Names{"Mug_x"});
  EXPECT_EQ(names([&](auto& r) { r.owner = owner.id; }), (Names{"Chá 100% mate", "Café"}));
  EXPECT_EQ(names([&](auto& r) {
              r.order = Order::cheapest;
              r.text = "m";
              r.min_price = 1;
              r.max_price = 999;
              r.currency = "BRL";
              r.owner = owner.id;
            }),
            Names{"Chá 100% mate"});
}

TEST_F(CatalogTest, EveryOrderWalksEachProductOnceWhileOthersAreAdded) {
  int const all = 13;
  for (auto const order :
       {Order::newest, Order::oldest, Order::cheapest, Order::dearest, Order::name_up, Order::name_down}) {
    std::map<Id<Product>, int> seen;
    std::vector<Product> walked;
    for (int i = 0; i < all; ++i) {
      // Few prices and names, so that pages end among equals.
      seen[add("name " + std::to_string(i % 3), i % 4).id] = 0;
    }
    std::optional<Position> after;
    do {
      auto page = run(catalog.list({4, order, after, {}, {}, {}, {}, owner.id}));
      for (auto const& product : page.products) {
        walked.push_back(product);
        if (auto const known = seen.find(product.id); known != seen.end()) ++known->second;
      }
      after = page.next ? parse_cursor(to_cursor(*page.next, order), order) : std::nullopt;
      ASSERT_EQ(after.has_value(), page.next.has_value());
      add("name " + std::to_string(walked.size() % 3), static_cast<std::int64_t>(walked.size() % 4));
      ASSERT_LT(walked.size(), 500U);
    } while (after);
    for (auto const& [id, times] : seen) EXPECT_EQ(times, 1) << id.str() << " in order " << static_cast<int>(order);
    for (auto const& [id, version] : std::exchange(seen, {})) run(catalog.remove(owner, id, any));
  }
}

TEST_F(CatalogTest, APageKnowsWhetherThereIsMore) {
  auto const page = [this](std::int64_t limit, std::optional<Position> after = {}) {
    return run(catalog.list({limit, Order::newest, after, {}, {}, {}, {}, {}}));
  };
  for (int i = 0; i < 3; ++i) add("p", i);
  EXPECT_TRUE(page(2).next);
  EXPECT_FALSE(page(3).next);
  auto const last = page(2, page(2).next);
  EXPECT_EQ(last.products.size(), 1U);
  EXPECT_FALSE(last.next);
}

}  // namespace
}  // namespace balcao::products

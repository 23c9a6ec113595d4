// What a search finds, the same on both engines.
#include "products/catalog/search.hpp"

#include <map>

#include "../platform/db/database_fixture.hpp"
#include "products/catalog/catalog.hpp"
#include "products/catalog/indexing.hpp"
#include "products/migrations.hpp"

namespace balcao::products {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

class SearchTest : public balcao::test::DatabaseTest {
 protected:
  Product add(std::string_view name, std::string_view description = "", std::int64_t price = 100,
              std::string_view currency = "BRL") {
    clock.advance(1ms);
    NewProduct draft{Name::parse(name).value(), Price::parse(price).value(), {}, {}, {}, {}, {}};
    draft.description = Description::parse(description).value();
    draft.currency = Currency::parse(currency).value();
    return run(catalog.create(owner, std::move(draft)));
  }
  Names find(std::string_view text, std::function<void(ListRequest&)> const& set = [](auto&) {}) {
    ListRequest request;
    request.limit = 100;
    request.text = text;
    set(request);
    Names names;
    for (auto const& product : run(catalog.list(request)).products) names.push_back(product.name);
    return names;
  }
  void catch_up() { run(indexing.catch_up()); }

  balcao::test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("products", migrations, clock.now());
  Store store{*database, 1};
  Catalog catalog{store, clock, [](Id<Product>, std::vector<std::string> const&) {}};
  int found_anew = 0;
  Indexing indexing{store.words(), [this] { ++found_anew; }};
  Actor const owner{Id<Owner>::make(clock.now()), false};
};

TEST_F(SearchTest, LearnsTheWordsThatAWriteBrings) {
  add("Cafeteira italiana");
  EXPECT_EQ(find("cafateira"), Names());
  run(indexing.learn({"cafeteira", "italiana", "3d"}));
  EXPECT_EQ(std::exchange(found_anew, 0), 1);
  EXPECT_EQ(find("cafateira"), Names{"Cafeteira italiana"});
  run(indexing.learn({"cafeteira", "italiana"}));
  EXPECT_EQ(found_anew, 0) << "they are known";
}

TEST_F(SearchTest, ForgetsTheSpellingsOfWordsThatNoProductHasAnyMore) {
  static constexpr db::Statement count{"count", "SELECT count(*) FROM products.search_spellings"};
  auto const spellings = [&] { return run(database->query(count)).front().get<std::int64_t>(0); };
  auto const product = add("Cafeteira italiana");
  catch_up();
  auto const of_two_words = spellings();
  for (char c = 'a'; c < 'k'; ++c) {  // some thousand words, each for a moment
    std::string description;
    for (char d = 'a'; d <= 'z'; ++d) {
      for (char e = 'a'; e <= 'e'; ++e) description += std::string("palavra") + c + d + e + ' ';
    }
    ProductChange change;
    change.description = Description::parse(description).value();
    run(catalog.change(owner, product.id, {}, std::move(change)));
    catch_up();
  }
  EXPECT_GT(spellings(), 10'000);
  ProductChange change;
  change.description = Description::parse("").value();
  run(catalog.change(owner, product.id, {}, std::move(change)));
  run(indexing.forget());
  EXPECT_EQ(spellings(), of_two_words);
  EXPECT_EQ(find("cafateira"), Names{"Cafeteira italiana"});
}

TEST_F(SearchTest, AsksAboutAnyNumberOfWords) {
  std::set<std::string> words;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b) words.insert(std::string("word") + a + b);
  }
  run(indexing.learn(words));
  EXPECT_EQ(run(store.words().known({words.begin(), words.end()})).size(), words.size());
}

TEST_F(SearchTest, ForgivesAccentsCaseAndSpelling) {
  add("Café torrado", "Moído na hora, 500 g");
  add("Cafeteira italiana");
  add("Xícara de porcelana", "Para café e chá");
  add("AÇAÍ com granola");
  add("Relógio de parede");
  add("Guarda-chuva 100% nylon");
  catch_up();

  Names const coffee{"Xícara de porcelana", "Cafeteira italiana", "Café torrado"};
  std::map<std::string, Names> const finds{
      {"café", coffee},
      {"CAFE", coffee},
      {"cafe\u0301", coffee},
      {"caf", coffee},
      {"cafeteira", {"Cafeteira italiana"}},
      {"cafateria", {"Cafeteira italiana"}},
      {"cafetera", {"Cafeteira italiana"}},
      {"acai", {"AÇAÍ com granola"}},
      {"açái", {"AÇAÍ com granola"}},
      {"relojio", {"Relógio de parede"}},
      {"chícara", {"Xícara de porcelana"}},
      {"porcelana cafe", {"Xícara de porcelana"}},
      {"cafe torado", {"Café torrado"}},
      {"moido", {"Café torrado"}},
      {"500", {"Café torrado"}},
      {"cafe granola", {}},
      {"café café CAFE", coffee},
      {"guarda chuva", {"Guarda-chuva 100% nylon"}},
      {"guarda-chuva", {"Guarda-chuva 100% nylon"}},
      {"100%", {"Guarda-chuva 100% nylon"}},
      {"torradeira", {}},
      {"feira", {}},
      {"geladeira", {}},
      {"a", {"AÇAÍ com granola"}},
      {"de", {"Relógio de parede", "Xícara de porcelana"}},
  };
  for (auto const& [text, names] : finds) EXPECT_EQ(find(text), names) << text;
}

TEST_F(SearchTest, TakesEveryTextForText) {
  add("Café");
  add("near and or not");
  add("it's");
  for (auto const* text :
       {"%", "_", "\\", "'", "\"", "*", "-", "!", "&", "|", "( ) :* <->", "☕", "\t\n", "😀", "%%__"}) {
    EXPECT_EQ(find(text), Names{}) << text;
  }
  for (auto const* text :
       {"\"café\"", "cafe*", "-café", "!cafe", "café:*", "'café'", "(cafe)", "{name}: cafe", "%cafe_"}) {
    auto const expected = std::string_view(text).contains("name") ? Names{} : Names{"Café"};
    EXPECT_EQ(find(text), expected) << text;
  }
  EXPECT_EQ(find("NEAR(and or)"), Names{"near and or not"});
  EXPECT_EQ(find("NOT OR AND"), Names{"near and or not"});
  EXPECT_EQ(find("it's"), Names{"it's"});
  EXPECT_EQ(find("a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9"), Names{});
}

TEST_F(SearchTest, FollowsEveryChangeOfAProduct) {
  auto const product = add("Café", "torrado");
  auto const change = [&](auto const& set) {
    ProductChange wanted;
    set(wanted);
    run(catalog.change(owner, product.id, {}, wanted));
  };
  change([](auto& c) { c.name = Name::parse("Chá").value(); });
  EXPECT_EQ(find("cafe"), Names{});
  EXPECT_EQ(find("cha torrado"), Names{"Chá"});
  change([](auto& c) { c.description = Description::parse("verde").value(); });
  EXPECT_EQ(find("torrado"), Names{});
  EXPECT_EQ(find("cha verde"), Names{"Chá"});
  change([](auto& c) { c.price = Price::parse(1).value(); });
  EXPECT_EQ(find("cha"), Names{"Chá"});
  change([](auto& c) { c.active = false; });
  EXPECT_EQ(find("cha"), Names{});
  change([](auto& c) { c.active = true; });
  EXPECT_EQ(find("verde"), Names{"Chá"});
  catch_up();
  EXPECT_EQ(find("verdi"), Names{"Chá"});
  run(catalog.remove(owner, product.id, {}));
  EXPECT_EQ(find("cha"), Names{});
  EXPECT_EQ(find("verdi"), Names{}) << "what nobody has is meant by nothing";
}

TEST_F(SearchTest, IndexesWhatCameWithoutItsWords) {
  static constexpr db::Statement forget{"test.forget", "UPDATE products.products SET search_text = NULL"};
  for (int i = 0; i < 450; ++i) add("Copo " + std::to_string(i));
  run(catalog.remove(owner, add("Copo quebrado").id, {}));
  static_cast<void>(run(database->query(forget)));
  EXPECT_EQ(find("copo"), Names{});
  catch_up();
  EXPECT_GT(std::exchange(found_anew, 0), 0);
  catch_up();
  EXPECT_EQ(found_anew, 0) << "there was nothing left to do";
  EXPECT_EQ(find("copo").size(), 100U);
  EXPECT_EQ(find("copo 449"), Names{"Copo 449"});
  EXPECT_EQ(find("quebrado"), Names{});
}

TEST_F(SearchTest, KeepsTheOtherConditionsAndTheOrder) {
  add("Copo azul", "", 300);
  add("Copo verde", "", 100, "USD");
  add("Copo branco", "", 200);
  EXPECT_EQ(find("copo"), (Names{"Copo branco", "Copo verde", "Copo azul"}));
  EXPECT_EQ(find("copo", [](auto& r) { r.order = Order::oldest; }), (Names{"Copo azul", "Copo verde", "Copo branco"}));
  EXPECT_EQ(find("copo", [](auto& r) { r.order = Order::cheapest; }),
            (Names{"Copo verde", "Copo branco", "Copo azul"}));
  EXPECT_EQ(find("copo", [](auto& r) { r.order = Order::name_down; }),
            (Names{"Copo verde", "Copo branco", "Copo azul"}));
  EXPECT_EQ(find("copo", [](auto& r) { r.currency = "USD"; }), Names{"Copo verde"});
  EXPECT_EQ(find("copo", [](auto& r) { r.min_price = 150; }), (Names{"Copo branco", "Copo azul"}));
  EXPECT_EQ(find("copo", [this](auto& r) { r.owner = owner.id; }).size(), 3U);
  EXPECT_EQ(find("copo", [this](auto& r) { r.owner = Id<Owner>::make(clock.now()); }), Names{});
  EXPECT_EQ(find("copo",
                 [](auto& r) {
                   r.order = Order::dearest;
                   r.max_price = 250;
                   r.currency = "BRL";
                 }),
            Names{"Copo branco"});
}

/// Every way to the products, and pages that a search leaves before they are full.
TEST_F(SearchTest, WalksThousandsEachOnceInEveryOrder) {
  static constexpr db::Statement many{"test.many", R"(
INSERT INTO products.products
  (id, owner_id, name, description, price, currency, active, version, created_at, updated_at, search_text)
SELECT $1, $2, $3, '', $4, $5, true, 1, $6, $6, $7)"};
  int const all = 5000;
  std::vector<db::Call> calls;
  for (int i = 0; i < all; ++i) {
    clock.advance(1ms);
    auto const name = std::string(i % 500 == 0 ? "copo raro" : "copo comum");
    calls.push_back(db::call(many, Id<Product>::make(clock.now()), owner.id, name, i % 7, i % 2 == 0 ? "BRL" : "USD",
                             clock.now(), name + (i % 3 == 0 ? " cop" : "")));
  }
  static_cast<void>(run(database->batch(std::move(calls))));

  auto const walk = [&](std::string_view text, Order order, std::optional<std::string> currency) {
    std::map<Id<Product>, int> seen;
    ListRequest request;
    request.limit = 100;
    request.order = order;
    request.text = text;
    request.currency = currency;
    do {
      auto const page = run(catalog.list(request));
      for (auto const& product : page.products) ++seen[product.id];
      request.after = page.next;
    } while (request.after);
    for (auto const& [id, times] : seen) EXPECT_EQ(times, 1) << text;
    return seen.size();
  };
  for (auto const order :
       {Order::newest, Order::oldest, Order::cheapest, Order::dearest, Order::name_up, Order::name_down}) {
    EXPECT_EQ(walk("copo", order, {}), 5000U) << static_cast<int>(order);
    EXPECT_EQ(walk("cop", order, {}), 5000U) << static_cast<int>(order);
    EXPECT_EQ(walk("copo comum", order, {}), 4990U) << static_cast<int>(order);
    EXPECT_EQ(walk("copo raro", order, {}), 10U) << static_cast<int>(order);
    EXPECT_EQ(walk("raro comum", order, {}), 0U) << static_cast<int>(order);
    EXPECT_EQ(walk("copo", order, "USD"), 2500U) << static_cast<int>(order);
    EXPECT_EQ(walk("raro", order, "USD"), 0U) << static_cast<int>(order);
  }
}

}  // namespace
}  // namespace balcao::products

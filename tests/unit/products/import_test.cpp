#include "products/transfer/import.hpp"

#include <map>

#include "../platform/db/database_fixture.hpp"
#include "products/catalog/catalog.hpp"
#include "products/migrations.hpp"
#include "products/transfer/export.hpp"

namespace balcao::products {
namespace {

using namespace std::chrono_literals;

class ImportTest : public balcao::test::DatabaseTest {
 protected:
  /// What became of each line, by its number: "id", or the problem's code and where it lies.
  using Lines = std::map<std::uint64_t, std::string>;

  Lines import(Actor actor, Format format, std::string_view file, std::size_t piece = 1000) {
    Lines lines;
    run(import_all(actor, format, file, piece, lines));
    return lines;
  }
  Lines import(std::string_view file, std::size_t piece = 1000) { return import(owner, Format::ndjson, file, piece); }
  Lines import_csv(std::string_view file, std::size_t piece = 1000) { return import(owner, Format::csv, file, piece); }

  std::string exported(Format format, std::optional<Id<Owner>> of = {}) {
    std::string file;
    run(export_all(of, format, file));
    return file;
  }

  std::vector<Product> all() { return run(store.page(std::nullopt, std::nullopt, 10'000)); }

  static std::string described(Outcome const& outcome) {
    if (outcome.result) return "id";
    std::string text(outcome.result.error().type().code);
    for (auto const& fault : outcome.result.error().faults()) text += ' ' + fault.pointer;
    return text;
  }

  Task<> import_all(Actor actor, Format format, std::string_view file, std::size_t piece, Lines& lines) {
    auto const source = RowSource::of(format);
    std::uint64_t last = 0;
    Import work({store, clock, [this](auto) { ++writes; }, marks}, actor, *source,
                [&](std::vector<Outcome> const& outcomes) -> Task<> {
                  for (auto const& outcome : outcomes) {
                    EXPECT_GT(outcome.line, std::exchange(last, outcome.line));
                    lines[outcome.line] = described(outcome);
                  }
                  co_return;
                });
    std::exception_ptr failure;
    try {
      for (; !file.empty(); file.remove_prefix(std::min(piece, file.size()))) {
        source->feed(file.substr(0, piece));
        co_await work.take();
      }
      source->end();
      co_await work.take();
      co_await work.finish();
    } catch (...) {
      failure = std::current_exception();
    }
    co_await work.settle();
    counts = work.counts();
    if (failure) std::rethrow_exception(failure);
  }

  Task<> export_all(std::optional<Id<Owner>> of, Format format, std::string& file) {
    Export work(store, of, format);
    while (auto const piece = co_await work.next()) file += *piece;
  }

  balcao::test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("products", migrations, clock.now());
  TransferStore store{*database};
  Store catalog_store{*database, 1};
  Catalog catalog{catalog_store, clock, [](Id<Product>, std::vector<std::string> const&) {}};
  Actor const owner{Id<Owner>::make(clock.now()), false};
  Actor const stranger{Id<Owner>::make(clock.now()), false};
  Actor const administrator{Id<Owner>::make(clock.now()), true};
  Import::Counts counts;
  int writes = 0;
  bool marks = false;
};

using Lines = std::map<std::uint64_t, std::string>;

TEST_F(ImportTest, MakesTheProductsOfAFile) {
  EXPECT_EQ(
      import(R"({"name":"Café","price":990}
{"name":"Chá \"verde\" \\ {a,b}","price":0,)"
             R"("currency":"usd","description":"NULL","stock":3,"active":false,"image_url":"https://example.com/a.png"}
)"),
      (Lines{{1, "id"}, {2, "id"}}));
  auto const products = all();
  ASSERT_EQ(products.size(), 2U);
  EXPECT_EQ(products[0].name, "Café");
  EXPECT_EQ(products[0].owner, owner.id);
  EXPECT_EQ(products[0].currency, "BRL");
  EXPECT_EQ(products[0].stock, std::nullopt);
  EXPECT_EQ(products[0].image_url, std::nullopt);
  EXPECT_TRUE(products[0].active);
  EXPECT_EQ(products[0].version, 1);
  EXPECT_EQ(products[1].name, R"(Chá "verde" \ {a,b})");
  EXPECT_EQ(products[1].currency, "USD");
  EXPECT_EQ(products[1].description, "NULL");
  EXPECT_EQ(products[1].stock, 3);
  EXPECT_FALSE(products[1].active);
  EXPECT_EQ(products[1].image_url, "https://example.com/a.png");
  EXPECT_GT(writes, 0);
  EXPECT_EQ(counts.imported, 2U);
}

TEST_F(ImportTest, ReportsEachBadRowAndGoesOn) {
  std::string const long_line = R"({"name":")" + std::string(longest_row, 'x') + R"(","price":1})";
  auto const lines = import(R"({"name":"A","price":1}
{"name":"B","price":-1}
{"name":"C"}

no json
{"name":"D","price":1,"weight":2}
{"name":"E","price":"1"}
{"name":"F","name":"G","price":1}
)" + long_line + "\n{\"name\":\"\xff\",\"price\":1}\n{\"name\":\"" +
                            std::string(201, 'n') + "\",\"price\":1}\n[]\n{\"name\":\"Z\",\"price\":1}");
  EXPECT_EQ(lines, (Lines{{1, "id"},
                          {2, "invalid_fields /price"},
                          {3, "invalid_fields /price"},
                          {5, "invalid_json"},
                          {6, "invalid_fields /weight"},
                          {7, "invalid_fields /price"},
                          {8, "duplicate_member"},
                          {9, "payload_too_large"},
                          {10, "invalid_json"},
                          {11, "invalid_fields /name"},
                          {12, "invalid_fields "},
                          {13, "id"}}));
  EXPECT_EQ(all().size(), 2U);
  EXPECT_EQ(counts.failed, 10U);
}

TEST_F(ImportTest, ReadsCsvAsSpreadsheetsWriteIt) {
  EXPECT_EQ(
      import_csv("\xef\xbb\xbfPrice;name;Active\r\n1990;\"Pão; de \"\"queijo\"\"\";VERDADEIRO\r\n1;'=x;falso\r\n"),
      (Lines{{2, "id"}, {3, "id"}}));
  auto const products = all();
  ASSERT_EQ(products.size(), 2U);
  EXPECT_EQ(products[0].name, "Pão; de \"queijo\"");
  EXPECT_EQ(products[0].price, 1990);
  EXPECT_TRUE(products[0].active);
  EXPECT_EQ(products[1].name, "=x");
  EXPECT_FALSE(products[1].active);
}

TEST_F(ImportTest, ReportsBadRecordsOfCsv) {
  EXPECT_EQ(import_csv("name,price\nA,1\nB\nC,1,2\nD,x\n\"E\"e,1\n\"F\n,1"), (Lines{{2, "id"},
                                                                                    {3, "invalid_fields "},
                                                                                    {4, "invalid_fields "},
                                                                                    {5, "invalid_fields /price"},
                                                                                    {6, "invalid_fields "},
                                                                                    {7, "invalid_fields "}}));
}

TEST_F(ImportTest, RefusesAFileWhoseColumnsAreWrong) {
  for (std::string_view const file :
       {"name,price,weight\nA,1,2\n", "name,price,name\nA,1,B\n", "name\nA\n", "\n", "", "\"name,price\nA,1"}) {
    Lines lines;
    EXPECT_EQ(status(import_all(owner, Format::csv, file, 1000, lines)), 422) << file;
  }
  EXPECT_TRUE(all().empty());
}

TEST_F(ImportTest, ARowWithAnIdChangesThatProduct) {
  import(R"({"name":"A","price":1,"stock":5})");
  auto const before = all().front();
  auto const id = before.id.str();
  clock.advance(1s);
  EXPECT_EQ(import(R"({"id":")" + id + R"(","price":2})" + "\n" + R"({"id":")" + id + R"(","name":"B","price":3})"),
            (Lines{{1, "id"}, {2, "id"}}));
  auto const after = all().front();
  EXPECT_EQ(after.price, 3);
  EXPECT_EQ(after.name, "B");
  EXPECT_EQ(after.stock, 5);
  EXPECT_EQ(after.version, before.version + 2);
  EXPECT_GT(after.updated_at, before.updated_at);
}

TEST_F(ImportTest, AnothersProductIsAsUnknownAsOneThatIsNotThere) {
  import(R"({"name":"A","price":1})");
  auto const id = all().front().id;
  auto const row = R"({"id":")" + id.str() + R"(","price":2})";
  auto const unknown = R"({"id":")" + Id<Product>::make(clock.now()).str() + R"(","price":2})";
  EXPECT_EQ(import(stranger, Format::ndjson, row + "\n" + unknown), (Lines{{1, "not_found"}, {2, "not_found"}}));
  EXPECT_EQ(all().front().price, 1);
  EXPECT_EQ(import(administrator, Format::ndjson, row), (Lines{{1, "id"}}));
  EXPECT_EQ(all().front().price, 2);
  EXPECT_EQ(all().front().owner, owner.id);
  run(catalog.remove(owner, id, [](std::int64_t) { return true; }));
  EXPECT_EQ(import(row), (Lines{{1, "not_found"}}));
}

TEST_F(ImportTest, ManyBatchesKeepTheOrderOfTheLines) {
  std::string file;
  for (int i = 1; i <= 5000; ++i) {
    file += i % 7 == 0 ? "bad\n" : R"({"name":"P)" + std::to_string(i) + R"(","price":)" + std::to_string(i) + "}\n";
  }
  auto const lines = import(file, 32 * 1024);
  ASSERT_EQ(lines.size(), 5000U);
  for (auto const& [line, outcome] : lines) EXPECT_EQ(outcome, line % 7 == 0 ? "invalid_json" : "id");
  auto const products = all();
  ASSERT_EQ(products.size(), 5000U - 5000 / 7);
  for (std::size_t i = 1; i < products.size(); ++i) ASSERT_LT(products[i - 1].price, products[i].price);
}

TEST_F(ImportTest, ARowThatTheDatabaseRefusesIsFoundAndTheOthersStay) {
  auto const founder = engine.open("products");  // who may change tables
  run(founder->execute_script(balcao::test::Engine::is_postgres()
                                  ? "ALTER TABLE products.products ADD CONSTRAINT odd CHECK (price <> 13)"
                                  : "CREATE TRIGGER products.odd BEFORE INSERT ON products WHEN new.price = 13 BEGIN "
                                    "SELECT raise(ABORT, 'odd'); END"));
  std::string file;
  for (int i = 0; i < 40; ++i) file += R"({"name":"P","price":)" + std::to_string(i) + "}\n";
  auto const lines = import(file);
  for (auto const& [line, outcome] : lines) EXPECT_EQ(outcome, line == 14 ? "internal" : "id");
  EXPECT_EQ(all().size(), 39U);
}

TEST_F(ImportTest, WhatIsExportedCanBeImportedAgain) {
  std::vector<std::string> const texts{"plain", "=1+1",      "'=1",   "''+",         "-",    "@x",    "a,b;c",
                                       "\"q\"", "a\nb\r\nc", " pad ", "ç ã 漢字 ☕", "NULL", "\\N{}", "'tis"};
  for (auto const& text : texts) {
    NewProduct fresh{
        Name::parse(text).value(), Price::parse(7).value(), {}, Description::parse(text + text).value(), {}, {}, {}};
    fresh.active = text != "plain";
    run(catalog.create(owner, std::move(fresh)));
  }
  auto const before = all();
  for (auto const format : {Format::ndjson, Format::csv}) {
    auto const file = exported(format);
    auto const lines = import(owner, format, file);
    EXPECT_EQ(lines.size(), texts.size());
    for (auto const& [line, outcome] : lines) EXPECT_EQ(outcome, "id") << line;
    EXPECT_EQ(exported(format), file);
  }
  auto const after = all();
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].name, before[i].name);
    EXPECT_EQ(after[i].description, before[i].description);
    EXPECT_EQ(after[i].active, before[i].active);
    EXPECT_EQ(after[i].version, before[i].version + 2);
  }
}

TEST_F(ImportTest, AnExportHoldsWhatIsTheOwners) {
  std::string file;
  for (int i = 0; i < 600; ++i)
    file += R"({"name":"P","price":1})"
            "\n";
  import(file);
  import(stranger, Format::ndjson, R"({"name":"Another's","price":1})");
  auto const lines = [](std::string const& text) { return std::ranges::count(text, '\n'); };
  EXPECT_EQ(lines(exported(Format::ndjson, owner.id)), 600);
  EXPECT_EQ(lines(exported(Format::csv, stranger.id)), 2);
  EXPECT_EQ(lines(exported(Format::ndjson)), 601);
  EXPECT_EQ(exported(Format::ndjson, administrator.id), "");
}

TEST_F(ImportTest, OtherProcessesSeeThatACommandHasImported) {
  auto const before = run(store.last_mark());
  import(R"({"name":"A","price":1})");
  EXPECT_EQ(run(store.last_mark()), before);
  marks = true;
  import(R"({"name":"A","price":1})");
  auto const after = run(store.last_mark());
  EXPECT_NE(after, before);
  import(R"({"id":")" + all().front().id.str() + R"(","price":2})");
  EXPECT_NE(run(store.last_mark()), after);
  run(store.forget_marks(clock.now() + 1s));
  EXPECT_EQ(run(store.last_mark()), before);
}

}  // namespace
}  // namespace balcao::products

// What is kept of the catalog must be dropped after every write that may have been done.
#include "products/catalog/announcement.hpp"

#include "orders/orders_fixture.hpp"
#include "products/catalog/catalog.hpp"
#include "products/transfer/import.hpp"

namespace balcao::products {
namespace {

using balcao::test::failure_of;
using balcao::test::status_of;

/// A database whose connection is lost after a write has been committed, before its answer; or which refuses writes.
class FailingDatabase final : public db::Database {
 public:
  enum class Manner { well, loses_answers, refuses };

  explicit FailingDatabase(db::Database& inner) : inner_(inner) {}

  Task<std::vector<db::Rows>> batch(std::vector<db::Call> calls) override {
    bool const only_reads = std::ranges::all_of(calls, [](db::Call const& call) { return call.statement->reads(); });
    if (!only_reads && manner == Manner::refuses) throw overloaded("too much", "demais");
    auto results = co_await inner_.batch(std::move(calls));
    if (!only_reads && manner == Manner::loses_answers) throw UnknownOutcome("the connection was lost");
    co_return results;
  }
  Task<> execute_script(std::string script) override { co_await inner_.execute_script(std::move(script)); }
  std::string_view engine() const override { return inner_.engine(); }
  Task<> ping() override { co_await inner_.ping(); }

  Manner manner = Manner::well;

 private:
  Task<db::Rows> run(db::Call call) override {
    std::vector<db::Call> calls;
    calls.push_back(std::move(call));
    co_return std::move((co_await batch(std::move(calls))).front());
  }
  Task<std::unique_ptr<db::Transaction>> begin() override { throw std::logic_error("not used"); }
  Task<> commit(std::unique_ptr<db::Transaction>) override { throw std::logic_error("not used"); }

  db::Database& inner_;
};

using Manner = FailingDatabase::Manner;

class AnnouncementTest : public orders::test::OrdersTest {
 protected:
  AnnouncementTest() { program.emplace(failing, payments, clock); }

  template <class T>
  int status_with(Manner manner, Task<T> task) {
    failing.manner = manner;
    auto const failure = run(failure_of(std::move(task)));
    failing.manner = Manner::well;
    return status_of(failure);
  }
  Task<> import_line(std::string line) {
    auto const source = RowSource::of(Format::ndjson);
    Import work({transfer_store, clock, [this](auto) { ++announced; }, false}, ana, *source,
                [](std::vector<Outcome> const&) -> Task<> { co_return; });
    std::exception_ptr failure;
    try {
      source->feed(line);
      source->end();
      co_await work.take();
      co_await work.finish();
    } catch (...) {
      failure = std::current_exception();
    }
    co_await work.settle();
    if (failure) std::rethrow_exception(failure);
  }
  NewProduct draft() { return {Name::parse("Café").value(), Price::parse(990).value(), {}, {}, {}, {}, {}}; }
  static ProductChange dearer() {
    ProductChange change;
    change.price = Price::parse(1990).value();
    return change;
  }

  FailingDatabase failing{*database};
  Store store{failing, 1};
  TransferStore transfer_store{failing};
  int announced = 0;
  std::vector<std::string> words;
  Catalog catalog{store, clock, [this](Id<Product>, std::vector<std::string> brought) {
                    ++announced;
                    words = std::move(brought);
                  }};
};

TEST_F(AnnouncementTest, AWriteIsAnnouncedWithTheWordsItBrings) {
  auto const product = run(catalog.create(ana, draft()));
  EXPECT_EQ(announced, 1);
  EXPECT_EQ(words, std::vector<std::string>{"cafe"});
  ProductChange renamed;
  renamed.name = Name::parse("Chá").value();
  run(catalog.change(ana, product.id, {}, renamed));
  EXPECT_EQ(announced, 2);
  EXPECT_EQ(words, std::vector<std::string>{"cha"});
}

TEST_F(AnnouncementTest, AWriteWhoseOutcomeIsUnknownIsAnnounced) {
  auto const product = run(catalog.create(ana, draft()));
  announced = 0;
  EXPECT_EQ(status_with(Manner::loses_answers, catalog.create(ana, draft())), 503);
  EXPECT_EQ(announced, 1);
  EXPECT_EQ(words, std::vector<std::string>{"cafe"});
  EXPECT_EQ(status_with(Manner::loses_answers, catalog.change(ana, product.id, {}, dearer())), 503);
  EXPECT_EQ(announced, 2);
  EXPECT_EQ(run(catalog.find(ana, product.id)).price, 1990) << "it was done";
  EXPECT_EQ(status_with(Manner::loses_answers, catalog.remove(ana, product.id, {})), 503);
  EXPECT_EQ(announced, 3);
}

TEST_F(AnnouncementTest, AWriteThatWasRefusedIsNotAnnounced) {
  auto const product = run(catalog.create(ana, draft()));
  announced = 0;
  EXPECT_EQ(status_with(Manner::refuses, catalog.create(ana, draft())), 503);
  EXPECT_EQ(status_with(Manner::refuses, catalog.change(ana, product.id, {}, dearer())), 503);
  EXPECT_EQ(status_with(Manner::refuses, catalog.remove(ana, product.id, {})), 503);
  EXPECT_EQ(status(catalog.change(bia, product.id, {}, dearer())), 403);
  EXPECT_EQ(announced, 0);
}

TEST_F(AnnouncementTest, AnImportWhoseOutcomeIsUnknownIsAnnounced) {
  EXPECT_EQ(status_with(Manner::loses_answers, import_line("{\"name\":\"Chá\",\"price\":1}\n")), 503);
  EXPECT_EQ(announced, 1);
}

TEST_F(AnnouncementTest, AnOrderWhoseOutcomeIsUnknownIsAnnounced) {
  auto const coffee = add(1990, 5);
  EXPECT_EQ(status_with(Manner::loses_answers, reserve(coffee, "k")), 503);
  EXPECT_EQ(program->written, 1);
  EXPECT_EQ(stock_of(coffee), 4) << "its pieces were taken";
  EXPECT_EQ(status_with(Manner::refuses, reserve(coffee, "l")), 503);
  EXPECT_EQ(program->written, 1);
}

TEST_F(AnnouncementTest, PiecesThatMayHaveBeenGivenBackAreAnnounced) {
  auto const coffee = add(1990, 5);
  auto const before = order_on_page(coffee, 2);
  ASSERT_EQ(program->written, 1);
  auto after = before;
  after.status = orders::Order::Status::expired;
  after.holds_stock = false;
  EXPECT_EQ(status_with(Manner::loses_answers, program->reservations.write(before, after, {})), 503);
  EXPECT_EQ(program->written, 2);
  EXPECT_EQ(stock_of(coffee), 5);
}

}  // namespace
}  // namespace balcao::products

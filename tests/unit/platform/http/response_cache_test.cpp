#include "platform/http/response_cache.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "calls.hpp"
#include "live_server.hpp"
#include "platform/fields.hpp"
#include "platform/http/paging.hpp"
#include "platform/json/describe.hpp"

namespace balcao::http {
namespace {

using test::answer;
using test::Call;
using test::header_of;

struct Page {
  std::int64_t edition;
};
BOOST_DESCRIBE_STRUCT(Page, (), (edition))

struct Shop {
  std::int64_t edition = 1;
  std::int64_t reads = 0;
  std::function<void()> while_reading = [] {};
  std::function<Task<>()> wait = []() -> Task<> { co_return; };
};

Task<Ok<Page>> list(Shop& shop, Target target) {
  ++shop.reads;
  auto const read = shop.edition;
  shop.while_reading();
  co_await shop.wait();
  if (target.query == "broken") throw Problem(problems::bad_request);
  co_return Ok<Page>{{read}};
}

Task<Ok<Page>> one(Shop& shop, Path<"id", BoundedText<1, 10>>) {
  ++shop.reads;
  co_return Ok<Page>{{shop.edition}, "\"tag\""};
}

class ResponseCacheTest : public testing::Test {
 protected:
  static constexpr std::size_t room = 6000;
  static constexpr int most_kept = room / 300;  ///< an entry here has more bytes than that

  StoredResponse const* ready(std::string target, std::string method = "GET") {
    return router.answer_at_once(Call(std::move(method), std::move(target)).request());
  }
  Response read(std::string target, std::string method = "GET") {
    return answer(router, Call(std::move(method), std::move(target)));
  }
  /// How many of the first `count` are kept; each is touched.
  int kept(int count) {
    int found = 0;
    for (int i = 0; i < count; ++i) found += ready("/pages?" + std::to_string(i)) != nullptr;
    return found;
  }
  void write(std::string const& topic = "pages") {
    ++shop.edition;
    cache.invalidate(topic);
  }

  Shop shop;
  bool is_current = true;
  std::chrono::milliseconds max_age = std::chrono::hours(1);
  ResponseCache cache{
      {.loops = 1, .max_bytes_per_loop = room, .is_current = [this] { return is_current; }, .max_age = max_age}};
  test::NameGuard guard;
  Router router{
      {cache.in_front_of(endpoint(Method::get, "/pages", Access::anyone, {"T", "list", ""}, shop, list),
                         [](Request const&) { return std::optional<std::string>("pages"); }),
       cache.in_front_of(endpoint(Method::get, "/pages/{id}", Access::visitor, {"T", "one", ""}, shop, one),
                         [](Request const& request) { return std::optional(std::string(request.path.substr(7))); })},
      guard};
};

TEST_F(ResponseCacheTest, KeepsWholeAnswers) {
  EXPECT_EQ(ready("/pages"), nullptr);
  auto const made = read("/pages");
  auto const* kept = ready("/pages");
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->body, R"({"edition":1})");
  EXPECT_EQ(kept->etag, header_of(made, "ETag"));
  EXPECT_EQ(kept->etag, etag_of(kept->body));
  EXPECT_NE(kept->head.find("Content-Length: 13\r\n"), std::string::npos);
  EXPECT_TRUE(kept->not_modified_head.starts_with("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_EQ(kept->not_modified_head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(ready("/pages?x"), nullptr) << "the query belongs to what is kept";
  EXPECT_EQ(ready("/other"), nullptr);
}

TEST_F(ResponseCacheTest, ForgetsAllWithAWrite) {
  read("/pages");
  read("/pages?x");
  write();
  EXPECT_EQ(ready("/pages"), nullptr);
  EXPECT_EQ(ready("/pages?x"), nullptr);
  read("/pages");
  EXPECT_EQ(ready("/pages")->body, R"({"edition":2})");
  EXPECT_EQ(ready("/pages?x"), nullptr);
}

TEST_F(ResponseCacheTest, DoesNotKeepWhatAWriteHasOvertaken) {
  shop.while_reading = [this] { write(); };
  EXPECT_EQ(read("/pages").body, R"({"edition":1})");
  EXPECT_EQ(ready("/pages"), nullptr) << "read before the write, so it may be old";
  shop.while_reading = [] {};
  read("/pages");
  EXPECT_EQ(ready("/pages")->body, R"({"edition":2})");
}

TEST_F(ResponseCacheTest, GivesOnlyWhatIsFreshWhileAWriteMayHaveBeenMissed) {
  read("/pages");
  is_current = false;
  EXPECT_NE(ready("/pages"), nullptr) << "it is less than a second old";
  EXPECT_TRUE(test::wait_until([&] { return ready("/pages") == nullptr; }));
  is_current = true;
  EXPECT_NE(ready("/pages"), nullptr) << "no write has come: it was good all the time";
  is_current = false;
  read("/pages");
  EXPECT_NE(ready("/pages"), nullptr) << "read anew";
}

TEST_F(ResponseCacheTest, ServesHeadFromTheSame) {
  read("/pages", "HEAD");
  ASSERT_NE(ready("/pages"), nullptr);
  EXPECT_EQ(ready("/pages")->body, R"({"edition":1})") << "the body is left out where the answer is written";
  EXPECT_EQ(ready("/pages", "HEAD"), ready("/pages"));
  EXPECT_EQ(ready("/pages", "POST"), nullptr);
}

TEST_F(ResponseCacheTest, KeepsNoFailure) {
  EXPECT_EQ(read("/pages?broken").status, 400);
  EXPECT_EQ(ready("/pages?broken"), nullptr);
}

TEST_F(ResponseCacheTest, ForgetsWhatAWriteNamesAndNothingElse) {
  read("/pages");
  read("/pages/a");
  read("/pages/b");
  write("a");
  EXPECT_EQ(ready("/pages/a"), nullptr);
  EXPECT_NE(ready("/pages/b"), nullptr);
  EXPECT_NE(ready("/pages"), nullptr);
  cache.invalidate();
  EXPECT_EQ(ready("/pages/b"), nullptr);
  EXPECT_EQ(ready("/pages"), nullptr);
}

TEST_F(ResponseCacheTest, KeepsWhatVisitorsWithoutATokenAreGiven) {
  auto const made = read("/pages/a");
  EXPECT_EQ(header_of(made, "ETag"), "\"tag\"") << "the endpoint's own";
  ASSERT_NE(ready("/pages/a"), nullptr);
  EXPECT_EQ(ready("/pages/a")->etag, "\"tag\"");
  EXPECT_NE(ready("/pages/a")->head.find("Vary: Authorization\r\n"), std::string::npos);
  Call const known("GET", "/pages/a", {{"Authorization", "Bearer user"}});
  EXPECT_EQ(router.answer_at_once(known.request()), nullptr);
  answer(router, Call("GET", "/pages/b", {{"Authorization", "Bearer user"}}));
  EXPECT_EQ(ready("/pages/b"), nullptr) << "what is shown to someone is not for everyone";
}

TEST_F(ResponseCacheTest, IsBoundedAndKeepsWhatIsAskedFor) {
  read("/pages?dear");
  for (int i = 0; i < 40; ++i) {
    read("/pages?" + std::to_string(i));
    EXPECT_NE(ready("/pages?dear"), nullptr) << "after " << i;
  }
  EXPECT_GE(kept(40), 1);
  EXPECT_LE(kept(40), most_kept);
  EXPECT_NE(ready("/pages?39"), nullptr) << "the newest has taken the place of others";
}

TEST_F(ResponseCacheTest, IsBoundedWhileEverythingIsAskedForAgainAndAgain) {
  for (int i = 0; i < 100; ++i) {
    read("/pages?" + std::to_string(i));
    EXPECT_LE(kept(i + 1), most_kept);
  }
}

TEST_F(ResponseCacheTest, DoesNotKeepLongTargets) {
  std::string const longest(ResponseCache::max_target_bytes - std::string("/pages?").size(), 'x');
  EXPECT_EQ(read("/pages?" + longest).status, 200);
  EXPECT_NE(ready("/pages?" + longest), nullptr);
  EXPECT_EQ(read("/pages?x" + longest).status, 200);
  EXPECT_EQ(ready("/pages?x" + longest), nullptr);
}

/// News of a write can be lost: with the process that made it, or with the connection that would have told its outcome.
TEST_F(ResponseCacheTest, GivesNothingForLongThatAWriteOfWhichNoNewsCameMayHaveMadeOld) {
  ResponseCache short_lived{{.max_age = std::chrono::milliseconds(50)}};
  Router other{{short_lived.in_front_of(endpoint(Method::get, "/pages", Access::anyone, {"T", "list", ""}, shop, list),
                                        [](Request const&) { return std::optional<std::string>("pages"); })},
               guard};
  Call const call("GET", "/pages");
  answer(other, call);
  ++shop.edition;
  EXPECT_TRUE(test::wait_until([&] {
    auto const* const kept = other.answer_at_once(call.request());
    return (kept ? kept->body : answer(other, call).body) == R"({"edition":2})";
  }));
}

/// Readers who wait until `open`.
class ResponseCacheWaitersTest : public ResponseCacheTest {
 protected:
  ResponseCacheWaitersTest() {
    shop.wait = [this]() -> Task<> {
      boost::system::error_code opened;
      co_await gate.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, opened));
    };
  }
  void start(std::string target) {
    boost::asio::co_spawn(context, ask(std::move(target)), boost::asio::detached);
    context.poll();
  }
  void open() {
    gate.cancel();
    context.restart();
    context.run();
  }
  auto with_status(int status) { return std::ranges::count(answers, status, &Response::status); }

  boost::asio::io_context context;
  boost::asio::steady_timer gate{context, std::chrono::hours(1)};
  std::vector<Response> answers;

 private:
  Task<> ask(std::string target) {
    Call call("GET", std::move(target));
    answers.push_back(co_await router.handle(call.request()));
  }
};

TEST_F(ResponseCacheWaitersTest, ReadAMissingAnswerOnceForAll) {
  for (int i = 0; i < 3; ++i) start("/pages");
  EXPECT_EQ(shop.reads, 1);
  write();
  start("/pages");
  EXPECT_EQ(shop.reads, 2) << "what has been read before a write is not enough after it";
  start("/pages?broken");
  start("/pages?broken");
  open();
  ASSERT_EQ(answers.size(), 6U);
  EXPECT_EQ(with_status(200), 4);
  EXPECT_EQ(with_status(400), 2);
  EXPECT_EQ(ready("/pages")->body, R"({"edition":2})");
}

TEST_F(ResponseCacheWaitersTest, AreRefusedWhereTooManyWaitForTheSame) {
  for (std::size_t i = 0; i < ResponseCache::max_waiters_per_read + 1; ++i) start("/pages");
  EXPECT_TRUE(answers.empty());
  start("/pages");
  EXPECT_EQ(with_status(503), 1);
  open();
  EXPECT_EQ(with_status(200), static_cast<std::ptrdiff_t>(ResponseCache::max_waiters_per_read + 1));
  EXPECT_EQ(shop.reads, 1);
}

TEST_F(ResponseCacheWaitersTest, ReadForThemselvesWhereTooMuchIsBeingRead) {
  for (std::size_t i = 0; i < ResponseCache::max_reads_per_loop; ++i) start("/pages?" + std::to_string(i));
  auto const before = shop.reads;
  start("/pages?one_more");
  start("/pages?one_more");
  EXPECT_EQ(shop.reads, before + 2);
  open();
  EXPECT_EQ(with_status(200), shop.reads);
}

}  // namespace
}  // namespace balcao::http

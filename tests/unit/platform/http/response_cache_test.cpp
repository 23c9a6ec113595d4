#include "platform/http/response_cache.hpp"

#include "calls.hpp"
#include "live_server.hpp"
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
};

Task<Ok<Page>> list(Shop& shop, Target target) {
  ++shop.reads;
  auto const read = shop.edition;
  shop.while_reading();
  if (target.query == "broken") throw Problem(problems::bad_request);
  co_return Ok<Page>{{read}};
}

class ResponseCacheTest : public testing::Test {
 protected:
  static constexpr std::size_t room = 2000;

  StoredResponse const* ready(std::string target, std::string method = "GET") {
    return router.answer_at_once(Call(std::move(method), std::move(target)).request());
  }
  Response read(std::string target, std::string method = "GET") {
    return answer(router, Call(std::move(method), std::move(target)));
  }
  void write() {
    ++shop.edition;
    cache.invalidate();
  }

  Shop shop;
  bool is_current = true;
  ResponseCache cache{{.loops = 1, .max_bytes_per_loop = room, .is_current = [this] { return is_current; }}};
  test::NameGuard guard;
  Router router{{cache.in_front_of(endpoint(Method::get, "/pages", Access::anyone, {"T", "list", ""}, shop, list))},
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

TEST_F(ResponseCacheTest, IsBounded) {
  for (int i = 0; i < 20; ++i) read("/pages?" + std::to_string(i));
  int kept = 0;
  for (int i = 0; i < 20; ++i) kept += ready("/pages?" + std::to_string(i)) != nullptr;
  EXPECT_GE(kept, 1);
  EXPECT_LE(kept, 4);
  write();
  read("/pages?19");
  EXPECT_NE(ready("/pages?19"), nullptr) << "a write makes room";
}

}  // namespace
}  // namespace balcao::http

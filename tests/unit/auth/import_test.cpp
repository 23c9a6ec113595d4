#include "auth/accounts/import.hpp"

#include <map>
#include <sstream>

#include "auth_fixture.hpp"
#include "platform/crypto/password.hpp"

namespace balcao::auth {
namespace {

constexpr std::string_view bcrypt = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

std::string line(std::string_view username, std::string_view more = "", std::string_view hash = bcrypt) {
  std::string text = R"({"username":")";
  text.append(username).append(R"(","password_hash":")").append(hash).append("\"");
  return text.append(more).append("}\n");
}

class ImportTest : public test::AuthTest {
 protected:
  Import::Counts import(std::string const& text) {
    refused.clear();
    news = 0;
    std::istringstream input(text);
    Import import_of_users({account_store, audit, jobs, clock},
                           {[this](std::uint64_t number, std::string const& why) { refused[number] = why; },
                            [this](Import::Counts const&) { ++news; }});
    run(import_of_users.run(input));
    return import_of_users.counts();
  }

  std::map<std::uint64_t, std::string> refused;
  int news = 0;
};

TEST_F(ImportTest, TakesUsersWithTheirHashesAndWhatIsKnownOfThem) {
  auto const counts = import(line("Ana") + line("rui", R"(,"role":"admin","disabled":true)") +
                             line("eva", R"(,"role":null,"created_at":"2020-02-29T10:00:00-03:00")"));
  EXPECT_EQ(counts.imported, 3U);
  EXPECT_EQ(counts.refused, 0U);
  auto const ana = run(account_store.find_credentials("ana"));
  ASSERT_TRUE(ana);
  EXPECT_EQ(ana->password_hash, bcrypt);
  EXPECT_EQ(ana->user.role, Role::user);
  EXPECT_EQ(ana->user.created_at, clock.now());
  EXPECT_FALSE(ana->user.disabled);
  auto const rui = run(account_store.find_credentials("rui"));
  EXPECT_EQ(rui->user.role, Role::admin);
  EXPECT_TRUE(rui->user.disabled);
  EXPECT_EQ(run(account_store.find_credentials("eva"))->user.created_at, parse_rfc3339("2020-02-29T13:00:00Z"));
}

TEST_F(ImportTest, LeavesAJobForEachUserAndALineOfTheTrailForABatch) {
  std::string text;
  for (std::size_t i = 0; i < Import::batch_size + 1; ++i) text += line("user-" + std::to_string(i));
  EXPECT_EQ(import(text).imported, Import::batch_size + 1);
  EXPECT_EQ(count("SELECT count(*) FROM auth.jobs WHERE kind = 'create_customer'"), 251);
  auto const trail = run(audit.list({.event = "imported"}, {}, 10));
  ASSERT_EQ(trail.size(), 2U);
  EXPECT_EQ(trail.back().details, R"({"users":250})");
  EXPECT_EQ(trail.front().details, R"({"users":1})");
  EXPECT_EQ(news, 2);

  EXPECT_EQ(import(text).refused, Import::batch_size + 1) << "all are taken the second time";
  EXPECT_EQ(count("SELECT count(*) FROM auth.jobs"), 251) << "who was refused has no job";
  EXPECT_EQ(run(audit.list({.event = "imported"}, {}, 10)).size(), 2U);
}

TEST_F(ImportTest, TakesOurOwnHashes) {
  auto const ours = crypto::hash_password(good_password);
  EXPECT_EQ(import(line("ana", "", ours)).imported, 1U);
  EXPECT_EQ(login("ana"), 0);
}

TEST_F(ImportTest, ReplacesAHashAtTheFirstLogin) {
  EXPECT_EQ(import(line("ana")).imported, 1U);
  EXPECT_EQ(login("ana", "wrong"), 401);
  EXPECT_EQ(run(account_store.find_credentials("ana"))->password_hash, bcrypt);
  EXPECT_EQ(login("ana", "U*U"), 0);
  EXPECT_TRUE(run(account_store.find_credentials("ana"))->password_hash.starts_with("$argon2id$"));
  EXPECT_EQ(login("ana", "U*U"), 0);
}

TEST_F(ImportTest, LetsEveryLoginInThatIsTheFirst) {
  import(line("ana"));
  auto const statuses = at_once(5, [this] { return status_task(login_rules.log_in("ana", "U*U", here)); });
  EXPECT_EQ(std::ranges::count(statuses, 0), 5);
}

TEST_F(ImportTest, RefusesWhatIsWrongAndGoesOn) {
  add_user("taken");
  std::string const dear = "$2b$16$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
  std::string const text = "{\n" +                                                     // 1
                           line("first") +                                             // 2
                           "\n \r\n" +                                                 // 3, 4: blank
                           line("a b") +                                               // 5
                           line("FIRST") +                                             // 6
                           line("taken") +                                             // 7
                           line("bad-hash", "", "plain text secret") +                 // 8
                           line("dear", "", dear) +                                    // 9
                           line("root", R"(,"role":"root")") +                         // 10
                           line("later", R"(,"created_at":"2999-01-01T00:00:00Z")") +  // 11
                           line("more", R"(,"shoe_size":43)") +                        // 12
                           R"({"$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW":1})"
                           "\n" +  // 13
                           R"(["ana"])"
                           "\n" +                                            // 14
                           line("twice", R"(,"username":"twice")") +         // 15
                           line("last").substr(0, line("last").size() - 1);  // 16: no line end
  auto const counts = import(text);
  EXPECT_EQ(counts.imported, 2U);
  EXPECT_EQ(counts.refused, 12U);
  EXPECT_EQ(counts.lines, 16U);
  EXPECT_TRUE(run(account_store.find_credentials("first")));
  EXPECT_TRUE(run(account_store.find_credentials("last")));
  std::map<std::uint64_t, std::string> const expected = {{1, "it is not JSON"},
                                                         {5, "/username: "},
                                                         {6, "that of line 2"},
                                                         {7, "'taken' is taken"},
                                                         {8, "/password_hash"},
                                                         {9, "/password_hash"},
                                                         {10, "/role: "},
                                                         {11, "/created_at: "},
                                                         {12, "/shoe_size: "},
                                                         {13, "a member: "},
                                                         {14, ""},
                                                         {15, "same member twice"}};
  for (auto const& [number, part] : expected) {
    ASSERT_TRUE(refused.contains(number)) << number;
    EXPECT_TRUE(refused[number].contains(part)) << number << ": " << refused[number];
    EXPECT_FALSE(refused[number].contains("CCCC") || refused[number].contains("plain")) << refused[number];
  }
  EXPECT_EQ(refused.size(), expected.size());
}

TEST_F(ImportTest, KnowsADuplicateAcrossBatches) {
  std::string text;
  for (std::size_t i = 0; i < Import::batch_size; ++i) text += line("user-" + std::to_string(i));
  EXPECT_EQ(import(text + line("user-0")).imported, Import::batch_size);
  EXPECT_TRUE(refused[Import::batch_size + 1].contains("by an earlier line")) << refused[Import::batch_size + 1];
}

TEST_F(ImportTest, RefusesALineThatIsTooLong) {
  auto const padded = [](std::string_view name, std::size_t size) {
    auto text = line(name);
    text.insert(1, std::string(size + 1 - text.size(), ' '));
    return text;
  };
  auto const counts = import(padded("fits", Import::longest_line) + padded("too-long", Import::longest_line + 1) +
                             line("after") + std::string(300'000, 'x'));
  EXPECT_EQ(counts.imported, 2U);
  EXPECT_EQ(counts.lines, 4U);
  EXPECT_TRUE(refused.contains(2));
  EXPECT_TRUE(refused.contains(4)) << "without a line end";
  EXPECT_TRUE(run(account_store.find_credentials("after")));
}

TEST_F(ImportTest, ShutsNobodyOutWhoRegistersMeanwhile) {
  std::string text;
  for (std::size_t i = 0; i < Import::batch_size; ++i) text += line("user-" + std::to_string(i));
  std::istringstream input(text);
  Import one({account_store, audit, jobs, clock},
             {[](std::uint64_t, std::string const&) {}, [](Import::Counts const&) {}});
  std::vector<Task<>> both;
  both.push_back(one.run(input));
  both.push_back([](Task<User> registration) -> Task<> {
    co_await test::failure_of(std::move(registration));
  }(accounts.register_user(username("user-7"), password(good_password), Role::user, here)));
  for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(one.counts().imported + one.counts().refused, Import::batch_size);
  EXPECT_EQ(count("SELECT count(*) FROM auth.users"), 250);
}

TEST_F(ImportTest, OfNothingIsNothing) {
  EXPECT_EQ(import("").lines, 0U);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit"), 0);
}

}  // namespace
}  // namespace balcao::auth

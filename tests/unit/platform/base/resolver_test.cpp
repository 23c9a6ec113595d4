#include "platform/network/resolver.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "tasks.hpp"

namespace balcao::network {
namespace {

using namespace std::chrono_literals;

Addresses addresses(std::initializer_list<char const*> texts) {
  Addresses made;
  for (auto const* text : texts) made.push_back(boost::asio::ip::make_address(text));
  return made;
}

/// Name servers that answer, fail or keep silent as the test wants. Lives as long as a look-up does.
class NameServers {
 public:
  void set(std::string const& name, Addresses found) {
    std::lock_guard const lock(mutex_);
    known_[name] = std::move(found);
  }
  void fail(bool failing) { failing_ = failing; }
  void silence(std::string const& name) {
    std::lock_guard const lock(mutex_);
    silent_.insert(name);
  }
  void answer_all() {
    std::lock_guard const lock(mutex_);
    silent_.clear();
    changed_.notify_all();
  }
  int asked(std::string const& name) {
    std::lock_guard const lock(mutex_);
    return asked_[name];
  }
  int under_way() {
    std::lock_guard const lock(mutex_);
    return under_way_;
  }

  Addresses look_up(std::string const& name) {
    std::unique_lock lock(mutex_);
    ++asked_[name];
    ++under_way_;
    changed_.wait(lock, [&] { return !silent_.contains(name); });
    --under_way_;
    if (failing_) throw ResolveError("try again");
    if (!known_.contains(name)) throw ResolveError("no such name", true);
    return known_[name];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Addresses> known_;
  std::set<std::string> silent_;
  std::map<std::string, int> asked_;
  int under_way_ = 0;
  std::atomic<bool> failing_ = false;
};

class ResolverTest : public balcao::test::LoopsTest {
 protected:
  void TearDown() override {
    servers->answer_all();
    run(balcao::test::until([this] { return servers->under_way() == 0; }));
  }

  ResolverOptions options() {
    return {.threads = 4, .patience = 50ms, .look_up = [servers = servers](auto const& name) {
              return servers->look_up(name);
            }};
  }

  Addresses resolve(Resolver& resolver, std::string name, std::chrono::milliseconds patience = 10s) {
    return run(resolver.resolve(std::move(name), std::chrono::steady_clock::now() + patience));
  }
  std::string fault(Resolver& resolver, std::string name, std::chrono::milliseconds patience = 10s) {
    try {
      resolve(resolver, std::move(name), patience);
      return "";
    } catch (ResolveError const& error) {
      return error.what();
    }
  }
  /// Leaves a look-up of each name blocked on a thread.
  void block(Resolver& resolver, std::vector<std::string> const& names) {
    for (auto const& name : names) {
      servers->silence(name);
      while (servers->asked(name) == 0) EXPECT_EQ(fault(resolver, name, 1ms), "it was not resolved in time");
    }
  }

  std::shared_ptr<NameServers> servers = std::make_shared<NameServers>();
};

TEST_F(ResolverTest, AnAddressIsNotLookedUp) {
  Resolver resolver(options());
  EXPECT_EQ(resolve(resolver, "192.0.2.1"), addresses({"192.0.2.1"}));
  EXPECT_EQ(resolve(resolver, "2001:db8::1"), addresses({"2001:db8::1"}));
  EXPECT_EQ(servers->asked("192.0.2.1"), 0);
}

TEST_F(ResolverTest, TheSystemKnowsThisMachine) {
  Resolver resolver({});
  auto const found = resolve(resolver, "localhost");
  ASSERT_FALSE(found.empty());
  for (auto const& address : found) EXPECT_TRUE(address.is_loopback()) << address;
  EXPECT_EQ(fault(resolver, std::string(254, 'a')), "it is no name");
  EXPECT_EQ(fault(resolver, std::string("a\0b", 3)), "it is no name");
}

TEST_F(ResolverTest, ASlowNameDelaysNoOtherAndHasOneThread) {
  Resolver resolver(options());
  servers->set("quick", addresses({"192.0.2.1"}));
  servers->silence("slow");
  servers->set("slow", addresses({"192.0.2.2"}));
  constexpr int callers = 20;
  int resolved = 0;
  std::vector<Task<>> tasks;
  auto const ask = [](Resolver& that, int& count) -> Task<> {
    co_await that.resolve("slow", std::chrono::steady_clock::now() + 10s);
    ++count;
  };
  for (int i = 0; i < callers; ++i) tasks.push_back(ask(resolver, resolved));
  auto const go_on = [](Resolver& that, NameServers& all) -> Task<> {
    EXPECT_EQ((co_await that.resolve("quick", std::chrono::steady_clock::now() + 10s)).size(), 1);
    all.answer_all();
  };
  tasks.push_back(go_on(resolver, *servers));
  for (auto const& failure : run_together(std::move(tasks))) EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(resolved, callers);
  EXPECT_EQ(servers->asked("slow"), 1);
}

TEST_F(ResolverTest, BlockedThreadsCount) {
  auto few = options();
  few.threads = 1;
  few.queue = 1;
  Resolver resolver(few);
  servers->set("quick", addresses({"192.0.2.1"}));
  block(resolver, {"slow"});
  EXPECT_EQ(fault(resolver, "quick", 20ms), "it was not resolved in time");
  EXPECT_EQ(servers->asked("quick"), 0) << "and what nobody waits for any more is not begun";
  auto const waiting = [](Resolver& that, NameServers& all) -> Task<> {
    boost::asio::co_spawn(co_await boost::asio::this_coro::executor,
                          that.resolve("quick", std::chrono::steady_clock::now() + 10s),
                          [](std::exception_ptr const& failure, Addresses) { EXPECT_EQ(failure, nullptr); });
    co_await pause(1ms);
    try {
      co_await that.resolve("third", std::chrono::steady_clock::now() + 10s);
      ADD_FAILURE() << "the queue has a bound";
    } catch (ResolveError const& error) {
      EXPECT_STREQ(error.what(), "too many names are being looked up");
    }
    all.answer_all();
    co_await balcao::test::until([&all] { return all.asked("quick") == 1; });
    co_await that.resolve("quick", std::chrono::steady_clock::now() + 10s);
  };
  run(waiting(resolver, *servers));
}

TEST_F(ResolverTest, TheLastGoodAddressesStandInForAFailure) {
  Resolver resolver(options());
  servers->set("name", addresses({"192.0.2.1", "2001:db8::1"}));
  auto const first = resolve(resolver, "name");
  servers->fail(true);
  EXPECT_EQ(resolve(resolver, "name"), first);
  EXPECT_EQ(fault(resolver, "other"), "try again");
  servers->fail(false);
  servers->silence("name");
  servers->set("name", addresses({"192.0.2.2"}));
  EXPECT_EQ(resolve(resolver, "name"), first) << "and for one that is late";
  servers->answer_all();
  run(balcao::test::until([this] { return servers->under_way() == 0; }));
  EXPECT_EQ(resolve(resolver, "name"), addresses({"192.0.2.2"})) << "what changes is noticed";
}

TEST_F(ResolverTest, TheLastGoodAddressesLeaveTimeToConnectToThem) {
  auto patient = options();
  patient.patience = 60s;
  Resolver resolver(patient);
  servers->set("name", addresses({"192.0.2.1"}));
  auto const first = resolve(resolver, "name");
  servers->silence("name");
  auto const deadline = std::chrono::steady_clock::now() + 4s;
  EXPECT_EQ(run(resolver.resolve("name", deadline)), first);
  EXPECT_LT(std::chrono::steady_clock::now(), deadline);
}

TEST_F(ResolverTest, ANameThatIsGoneIsForgotten) {
  Resolver resolver(options());
  servers->set("name", addresses({"192.0.2.1"}));
  resolve(resolver, "name");
  servers->set("name", {});
  EXPECT_EQ(fault(resolver, "name"), "it has no address");
  servers->fail(true);
  EXPECT_EQ(fault(resolver, "name"), "try again");
}

TEST_F(ResolverTest, RemembersABoundedNumberOfNames) {
  auto few = options();
  few.kept_names = 2;
  Resolver resolver(few);
  for (auto const* name : {"a", "b", "c"}) {
    servers->set(name, addresses({"192.0.2.1"}));
    resolve(resolver, name);
  }
  servers->fail(true);
  EXPECT_EQ(fault(resolver, "a"), "try again") << "the oldest has made room";
  EXPECT_EQ(fault(resolver, "b"), "");
  EXPECT_EQ(fault(resolver, "c"), "");
}

TEST_F(ResolverTest, NamesThatNeverResolveLeaveThreadsToOthers) {
  Resolver resolver(options());
  servers->set("good", addresses({"192.0.2.1"}));
  resolve(resolver, "good");
  block(resolver, {"x1", "x2", "x3"});
  EXPECT_EQ(fault(resolver, "x4", 20ms), "it was not resolved in time");
  servers->set("good", addresses({"192.0.2.9"}));
  EXPECT_EQ(resolve(resolver, "good"), addresses({"192.0.2.9"}));
  EXPECT_EQ(servers->asked("x4"), 0);
}

TEST_F(ResolverTest, MayOutliveALoopAndEndBeforeItsLookUps) {
  auto resolver = std::make_unique<Resolver>(options());
  servers->silence("slow");
  {
    boost::asio::io_context short_lived;
    boost::asio::co_spawn(short_lived, resolver->resolve("slow", std::chrono::steady_clock::now() + 10s),
                          [](std::exception_ptr const&, Addresses) { ADD_FAILURE() << "its loop has ended"; });
    short_lived.poll();
    run(balcao::test::until([this] { return servers->under_way() == 1; }));
  }
  resolver.reset();
}

TEST_F(ResolverTest, EachPurposeHasThreadsOfItsOwn) {
  std::set<Resolver*> all;
  for (auto const purpose :
       {Purpose::services, Purpose::gateway, Purpose::database, Purpose::shared_state, Purpose::webhooks}) {
    all.insert(&resolver_for(purpose));
  }
  EXPECT_EQ(all.size(), 5);
}

}  // namespace
}  // namespace balcao::network

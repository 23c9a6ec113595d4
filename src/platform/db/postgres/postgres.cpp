#include "platform/db/postgres/postgres.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "platform/db/postgres/interactive_transaction.hpp"
#include "platform/db/postgres/script.hpp"

namespace balcao::db::postgres {

/// What belongs to one event loop.
struct Station {
  std::shared_ptr<Lanes> lanes;
  std::shared_ptr<Leases> leases;
};

class Pool {
 public:
  Pool(Loops& loops, std::shared_ptr<Settings const> settings) : loops_(loops), settings_(std::move(settings)) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
      stations_.push_back(
          {std::make_shared<Lanes>(loops[i], settings_), std::make_shared<Leases>(loops[i], settings_)});
      stations_.back().lanes->start();
    }
  }
  Pool(Pool const&) = delete;

  /// A loop that runs closes its connections in order; one that has ended for good does so when it goes away.
  ~Pool() {
    for (std::size_t i = 0; i < stations_.size(); ++i) {
      boost::asio::post(loops_[i], [station = std::move(stations_[i])] {
        station.lanes->close();
        station.leases->close();
      });
    }
  }

  Station const& here() const { return stations_.at(current_loop()); }
  std::shared_ptr<Settings const> const& settings() const { return settings_; }

 private:
  Loops& loops_;
  std::shared_ptr<Settings const> settings_;
  std::vector<Station> stations_;
};

namespace {

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::shared_ptr<Pool> pool, std::string schema)
      : pool_(std::move(pool)), schema_(std::move(schema)) {}

  Task<std::vector<Rows>> batch(std::vector<Call> calls) override {
    bool const only_reads = std::ranges::all_of(calls, [](Call const& call) { return call.statement->reads(); });
    return pool_->here().lanes->perform(std::move(calls), only_reads ? Effect::none : Effect::at_once);
  }

  Task<> execute_script(std::string script) override { return run_script(pool_->settings(), std::move(script)); }

  std::string_view engine() const override { return "postgres"; }

  Task<> ping() override {
    static constexpr Statement ping{"ping", "SELECT 1"};
    auto const lanes = pool_->here().lanes;
    try {
      co_await run({&ping, {}});
    } catch (Problem const&) {
      auto const& reason = lanes->last_failure();
      if (reason.empty()) throw;
      throw CannotConnect("the database cannot be reached: " + reason);
    }
  }

 private:
  Task<Rows> run(Call call) override {
    std::vector<Call> calls;
    calls.push_back(std::move(call));
    auto results = co_await batch(std::move(calls));
    co_return std::move(results.front());
  }

  Task<std::unique_ptr<Transaction>> begin() override {
    auto const deadline = std::chrono::steady_clock::now() + pool_->settings()->options.deadline;
    auto const leases = pool_->here().leases;
    auto connection = co_await leases->borrow(deadline);
    co_return std::make_unique<InteractiveTransaction>(leases, std::move(connection), deadline);
  }

  Task<> commit(std::unique_ptr<Transaction> transaction) override {
    co_await static_cast<InteractiveTransaction&>(*transaction).commit();
  }

  std::shared_ptr<Pool> pool_;
  std::string schema_;
};

}  // namespace

std::shared_ptr<Pool> connect(Loops& loops, Options options) {
  Address address(options.url);
  options.url.clear();  // nothing else needs to know the password
  return std::make_shared<Pool>(loops, std::make_shared<Settings const>(std::move(options), std::move(address)));
}

void check_url(std::string const& url) { Address{url}; }

std::unique_ptr<Database> open(std::shared_ptr<Pool> pool, std::string schema) {
  return std::make_unique<PostgresDatabase>(std::move(pool), std::move(schema));
}

}  // namespace balcao::db::postgres

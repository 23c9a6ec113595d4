#pragma once

#include "gateway_fixture.hpp"

namespace balcao::test {

/// A gateway with what tests of payments ask of it again and again.
class PaymentsTest : public GatewayTest {
 protected:
  using Types = std::vector<std::string>;

  static constexpr std::string_view boleto =
      "payment_method_data[type]=boleto&payment_method_data[boleto][tax_id]=529.982.247-25"
      "&payment_method_data[billing_details][name]=Ana&payment_method_data[billing_details][email]=ana%40example.com"
      "&payment_method_data[billing_details][address][line1]=Rua+1"
      "&payment_method_data[billing_details][address][city]=Recife"
      "&payment_method_data[billing_details][address][state]=PE"
      "&payment_method_data[billing_details][address][postal_code]=50000-000"
      "&payment_method_data[billing_details][address][country]=BR";
  static constexpr std::string_view pix = "payment_method_data[type]=pix";

  static std::string card(std::string_view name) { return "payment_method=pm_card_" + std::string(name); }

  Answer create(std::string more = {}) {
    return post("/v1/payment_intents",
                "amount=1000&currency=brl&payment_method_types[]=card&payment_method_types[]=pix"
                "&payment_method_types[]=boleto&" +
                    std::move(more));
  }
  /// One that is created and confirmed at once.
  Answer pay(std::string_view method, std::string more = {}) {
    return create("confirm=true&" + std::string(method) + "&" + std::move(more));
  }
  Answer on_intent(std::string const& id, std::string_view operation, std::string form = {}) {
    return post("/v1/payment_intents/" + id + "/" + std::string(operation), std::move(form));
  }
  /// As the customer or the bank does.
  Answer act(std::string const& id, std::string_view action) {
    return post("/_sandbox/payment_intents/" + id + "/" + std::string(action));
  }
  Answer intent(std::string const& id) { return get("/v1/payment_intents/" + id); }
  std::string status_of_intent(std::string const& id) { return intent(id).text("/status"); }

  /// The types of all events, in the order in which they happened, after those that were there before.
  Types events_since(std::size_t before) {
    Types types;
    for (auto const& event : get("/v1/events?limit=100").at("/data").as_array()) {
      types.insert(types.begin(), std::string(event.at("type").as_string()));
    }
    types.erase(types.begin(), types.begin() + static_cast<std::ptrdiff_t>(before));
    return types;
  }
  std::size_t count_events() { return get("/v1/events?limit=100").at("/data").as_array().size(); }

  /// Lets time go on, and does what is due by then.
  void wait(std::chrono::milliseconds time) {
    clock.advance(time);
    auto const nothing_due = [this]() -> Task<bool> {
      static constexpr db::Statement count{"test_count_due",
                                           "SELECT count(*) FROM sandbox.jobs WHERE run_at <= $1 AND done_at IS NULL"};
      gateway->jobs().wake();
      auto const rows = co_await database->query(count, clock.now());
      co_return rows.front().get<std::int64_t>(0) == 0;
    };
    auto const stop_then = [](jobs::Jobs& jobs, std::function<Task<bool>()> when) -> Task<> {
      auto const failure = co_await failure_of(until(std::move(when)));
      jobs.stop();
      if (failure) std::rethrow_exception(failure);
    };
    std::vector<Task<>> both;
    both.push_back(gateway->jobs().run());
    both.push_back(stop_then(gateway->jobs(), nothing_due));
    for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
    open();  // jobs that were stopped do not run again
  }

  std::int64_t sum_of_balance() {
    auto const balance = get("/v1/balance");
    return balance.at("/available/0/amount").as_int64();
  }
};

}  // namespace balcao::test

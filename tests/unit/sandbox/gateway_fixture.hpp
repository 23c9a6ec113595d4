#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "../platform/db/database_fixture.hpp"
#include "platform/json/parse.hpp"
#include "sandbox/sandbox.hpp"

namespace balcao::test {

using Headers = std::map<std::string, std::string>;

/// One request to the gateway; the method and the target as they stand in the request line.
struct Sent {
  std::string method;
  std::string target;
  std::string body{};
  Headers headers{};
};

struct Answer {
  http::Response response;
  json::Value body;

  int status() const { return response.status; }
  std::string header(std::string_view name) const {
    for (auto const& [field, value] : response.headers) {
      if (http::equal_ignoring_case(field, name)) return value;
    }
    return {};
  }
  json::Value const& at(std::string_view pointer) const { return body.at_pointer(pointer); }
  std::string text(std::string_view pointer) const { return std::string(at(pointer).as_string()); }
  std::string error(std::string_view member) const {
    auto const* value = body.as_object().at("error").as_object().if_contains(member);
    return value ? std::string(value->as_string()) : std::string();
  }
};

/// A sandbox on a database of its own, called without a socket.
class GatewayTest : public DatabaseTest {
 protected:
  GatewayTest() { open(); }

  /// Again on the same data, as after a restart.
  void open(sandbox::Options options = {}) {
    gateway.reset();
    database.reset();
    database = engine.open("sandbox", sandbox::migrations, clock.now());
    gateway = std::make_unique<sandbox::Sandbox>(*database, clock, std::move(options));
  }

  Answer send(Sent sent) { return send_at_once({std::move(sent)}).front(); }

  /// Several requests at once, on one event loop.
  std::vector<Answer> send_at_once(std::vector<Sent> sent) {
    std::vector<sandbox::Sandbox*> const gateways(sent.size(), gateway.get());
    return send_at_once(std::move(sent), gateways);
  }

  /// The same, each to a gateway of its own.
  std::vector<Answer> send_at_once(std::vector<Sent> sent, std::vector<sandbox::Sandbox*> const& gateways) {
    std::vector<Answer> answers(sent.size());
    std::vector<Task<>> calls;
    for (std::size_t i = 0; i < sent.size(); ++i) calls.push_back(receive(*gateways[i], sent[i], answers[i]));
    for (auto const& failure : run_together(std::move(calls))) EXPECT_EQ(failure, nullptr);
    return answers;
  }

  Answer get(std::string target) { return send({"GET", std::move(target)}); }
  Answer post(std::string target, std::string form = {}, Headers headers = {}) {
    return send({"POST", std::move(target), std::move(form), std::move(headers)});
  }
  Answer del(std::string target) { return send({"DELETE", std::move(target)}); }

  std::string new_customer(std::string form = {}) { return post("/v1/customers", std::move(form)).text("/id"); }
  std::size_t count_customers() { return get("/v1/customers?limit=100").at("/data").as_array().size(); }

  ManualClock clock;
  std::unique_ptr<db::Database> database;
  std::unique_ptr<sandbox::Sandbox> gateway;

 private:
  static Task<> receive(sandbox::Sandbox& gateway, Sent const& sent, Answer& answer) {
    http::Request request;
    request.method_name = sent.method;
    request.method = http::parse_method(sent.method);
    request.target = sent.target;
    auto const question = sent.target.find('?');
    request.path = request.target.substr(0, question);
    if (question != sent.target.npos) request.query = request.target.substr(question + 1);
    request.body = sent.body;
    auto headers = sent.headers;
    headers.emplace("Authorization", "Bearer sk_test_123");
    if (!sent.body.empty()) headers.emplace("Content-Type", "application/x-www-form-urlencoded");
    for (auto const& [name, value] : headers) request.headers.emplace_back(name, value);
    answer.response = co_await gateway.handle(request);
    if (!answer.response.body.empty()) answer.body = json::parse(answer.response.body).value();
  }
};

}  // namespace balcao::test

#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "platform/http/router.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::http::test {

/// A request as a connection would give it; it owns the text that the request points into.
class Call {
 public:
  Call(std::string method, std::string target, std::vector<std::pair<std::string, std::string>> headers = {},
       std::string body = {})
      : method_(std::move(method)), target_(std::move(target)), headers_(std::move(headers)), body_(std::move(body)) {
    request_.method_name = method_;
    request_.method = parse_method(method_);
    request_.target = target_;
    auto const mark = request_.target.find('?');
    request_.path = request_.target.substr(0, mark);
    if (mark != request_.target.npos) request_.query = request_.target.substr(mark + 1);
    for (auto const& [name, value] : headers_) request_.headers.emplace_back(name, value);
    request_.body = body_;
  }
  Call(Call const&) = delete;

  Request const& request() const { return request_; }
  Request& request() { return request_; }

 private:
  std::string method_;
  std::string target_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string body_;
  Request request_;
};

inline Response answer(Router& router, Call const& call) {
  boost::asio::io_context loop;
  Response response;
  auto const keep = [](Router& that, Request const& request, Response& kept) -> Task<> {
    kept = co_await that.handle(request);
  };
  run_to_end(loop, keep(router, call.request(), response));
  return response;
}

/// What the router says to the head alone.
inline std::expected<BodyPolicy, Response> expected(Router& router, Call& call) {
  boost::asio::io_context loop;
  std::expected<BodyPolicy, Response> result;
  auto const keep = [](Router& that, Request& head, std::expected<BodyPolicy, Response>& kept) -> Task<> {
    kept = co_await that.expect(head);
  };
  run_to_end(loop, keep(router, call.request(), result));
  return result;
}

inline std::string header_of(Response const& response, std::string_view name) {
  for (auto const& [field, value] : response.headers) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return {};
}

/// `code` of a problem, or nothing.
inline std::string code_of(Response const& response) {
  auto const body = json::parse(response.body);
  if (!body || !body->is_object() || !body->as_object().contains("code")) return {};
  return std::string(body->as_object().at("code").as_string());
}

/// The pointers of a problem's faults.
inline std::vector<std::string> pointers_of(Response const& response) {
  std::vector<std::string> pointers;
  auto const body = json::parse(response.body);
  if (!body || !body->as_object().contains("errors")) return pointers;
  for (auto const& fault : body->as_object().at("errors").as_array()) {
    pointers.emplace_back(fault.as_object().at("pointer").as_string());
  }
  return pointers;
}

/// Lets in whoever says that he is `user` or `admin`.
class NameGuard final : public Guard {
 public:
  Task<std::expected<Caller, Problem>> admit(Request const& request, Access access) override {
    ++asked;
    auto const token = request.bearer_token();
    if (token != "user" && token != "admin") co_return std::unexpected(Problem(problems::unauthorized));
    if (access.is(Access::administrator) && token != "admin") co_return std::unexpected(Problem(problems::forbidden));
    co_return Caller{Uuid{}, Uuid{}, token == "admin"};
  }

  int asked = 0;
};

}  // namespace balcao::http::test

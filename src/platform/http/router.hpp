#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/http/endpoint.hpp"
#include "platform/http/handler.hpp"

namespace balcao::http {

/// Finds a request's endpoint and takes it through it. What happens to a request, in order:
///
///   1. an answer that is kept ready (Endpoint::answer_at_once)
///   2. the path is looked up: 404, 405 with Allow, OPTIONS; HEAD is answered as GET without the body
///   3. the guard decides who may: 401, 403
///   4. the parameters are taken out of it: 400, 415, 422
///   5. the endpoint answers; a Problem that it throws becomes the response, here and nowhere else
///   6. If-None-Match against the answer's ETag: 304
class Router final : public Handler {
 public:
  /// `guard` must outlive the router.
  Router(Endpoints endpoints, Guard& guard);
  ~Router() override;

  StoredResponse const* answer_at_once(Request const& request) override;
  bool reads_stream(Method method, std::string_view path) const override;
  Task<Response> handle(Request const& request) override;

  Endpoints const& endpoints() const { return endpoints_; }

 private:
  struct Tree;

  Task<Response> answer(Endpoint const& endpoint, Exchange& exchange);

  Endpoints endpoints_;
  Guard& guard_;
  std::unique_ptr<Tree> tree_;
};

}  // namespace balcao::http

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
///      Only now is a body read (`expect`), up to the endpoint's limit: 413. Where that takes more than a second, the
///      guard is asked again: a session may have ended meanwhile.
///   4. the parameters are taken out of it: 400, 415, 422
///   5. the endpoint answers; a Problem that it throws becomes the response, here and nowhere else
///   6. If-None-Match against the answer's ETag: 304
class Router final : public Handler {
 public:
  /// `guard` must outlive the router.
  Router(Endpoints endpoints, Guard& guard);
  ~Router() override;

  StoredResponse const* answer_at_once(Request const& request) override;
  Task<std::expected<BodyPolicy, Response>> expect(Request& head) override;
  Task<Response> handle(Request const& request) override;

  Endpoints const& endpoints() const { return endpoints_; }

 private:
  struct Tree;
  struct Admitted;

  /// Steps 2 and 3.
  Task<std::expected<Admitted, Response>> admit(Request const& request);
  /// Steps 4 to 6.
  Task<Response> answer(Request const& request, Admitted const& admitted);

  Endpoints endpoints_;
  Guard& guard_;
  std::unique_ptr<Tree> tree_;
};

}  // namespace balcao::http

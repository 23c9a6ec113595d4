#pragma once

#include <atomic>

#include "app/system.hpp"
#include "platform/http/router.hpp"

namespace balcao::app {

/// What a server's clients meet first. Until the process is ready to work it answers only about itself (/livez,
/// /readyz …). Other requests wait a moment, since a start mostly takes less; then it is 503 with `Retry-After`.
class Entrance final : public http::Handler {
 public:
  explicit Entrance(System& system);

  /// From now on `behind`, which must outlive the loops' run, answers. From any thread.
  void open(http::Handler& behind) { behind_ = &behind; }

  http::StoredResponse const* answer_at_once(http::Request const& request) override;
  Task<std::expected<http::BodyPolicy, http::Response>> expect(http::Request& head) override;
  Task<http::Response> handle(http::Request const& request) override;

 private:
  /// Nobody: what is answered here is for anyone.
  struct NoGuard final : http::Guard {
    Task<std::expected<http::Caller, Problem>> admit(http::Request const&, http::Access) override;
  };

  /// Who answers now; waits a moment for that. Null: nobody yet.
  Task<http::Handler*> wait_until_open();

  NoGuard guard_;
  http::Router about_itself_;
  std::atomic<http::Handler*> behind_ = nullptr;
};

}  // namespace balcao::app

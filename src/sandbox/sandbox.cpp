#include "sandbox/sandbox.hpp"

#include <algorithm>

#include "platform/card_number.hpp"
#include "platform/http/extract.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/loops.hpp"
#include "sandbox/payment_intents/schedule.hpp"
#include "sandbox/transport/credentials.hpp"
#include "sandbox/transport/object_id.hpp"
#include "sandbox/transport/version.hpp"

namespace balcao::sandbox {
namespace {

constexpr int most_tries = 8;

/// `2026-10-28`, `2026-10-28.endive`
bool is_api_version(std::string_view text) {
  auto const fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.'; };
  return text.size() >= 10 && text.size() <= 64 && text[4] == '-' && text[7] == '-' && std::ranges::all_of(text, fits);
}

std::string_view version_of(http::Request const& request) {
  return request.header("Stripe-Version").value_or(default_version);
}

ApiError unrecognized_url(http::Request const& request) {
  return ApiError(404, "invalid_request_error",
                  "Unrecognized request URL (" + std::string(request.method_name) + ": " + std::string(request.path) +
                      "). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.");
}

void check_media_type(http::Request const& request) {
  auto const type = request.header("Content-Type").value_or("");
  bool const is_form = http::equal_ignoring_case(type.substr(0, type.find(';')), "application/x-www-form-urlencoded");
  if (request.body.empty() || type.empty() || is_form) return;
  throw ApiError::invalid(
      "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any "
      "questions, we can help at https://support.stripe.com/.");
}

/// What the query and the body say together.
Form read_form(http::Request const& request) {
  check_media_type(request);
  auto form = parse_form(std::string(request.query) + "&" + std::string(request.body));
  if (!form) throw form.error();
  // The path is looked at too: an id that is not known is named in the answer.
  if (holds_card_number(*form) || has_card_number(http::percent_decode(request.path, false).value_or(""))) {
    throw ApiError::invalid(
        "Sending credit card numbers directly to the API is generally unsafe. We suggest you use test tokens that map "
        "to the test card you are using, see https://stripe.com/docs/testing.");
  }
  return std::move(*form);
}

/// The target of the options, as a listener beside those of the database.
std::optional<webhooks::Listener> own_listener(Options const& options) {
  if (!options.webhook) return std::nullopt;
  return webhooks::Listener{"we_own", options.webhook->url, options.webhook->secret, options.webhook->events};
}

webhooks::Manner manner_of(std::optional<Fault> const& fault) {
  using Kind = webhooks::Manner::Kind;
  if (!fault) return {};
  switch (fault->kind) {
    case FaultKind::webhook_twice:
      return {Kind::twice};
    case FaultKind::webhook_late:
      return {Kind::late, fault->delay};
    case FaultKind::webhook_early:
      return {Kind::early};
    case FaultKind::webhook_reordered:
      return {Kind::reordered, fault->delay};
    case FaultKind::webhook_bad_signature:
      return {Kind::bad_signature};
    default:
      return {};
  }
}

template <class... Parts>
Operations together(Parts... parts) {
  Operations all;
  (std::ranges::move(parts, std::back_inserter(all)), ...);
  return all;
}

constexpr std::string_view intent_actions = "/_sandbox/payment_intents/";

}  // namespace

/// A request that has an operation, ready to be executed.
struct Sandbox::Work {
  Match match;
  Form form;
  std::string request_id;
  std::optional<idempotency::KeyedRequest> keyed;
  std::optional<Fault> fault;

  bool has(FaultKind kind) const { return fault && fault->kind == kind; }
};

/// What a request will come to once the effects are there.
struct Sandbox::Decision {
  int status;
  std::string body;
  std::vector<db::Call> effects;
  std::function<void()> committed;
  std::vector<std::string> to_deliver{};  ///< events that somebody listens for
};

Sandbox::Sandbox(db::Database& database, Clock const& clock, Options options)
    : database_(database),
      clock_(clock),
      options_(std::move(options)),
      jobs_(database, "sandbox", clock),
      memory_(database),
      listeners_(database, own_listener(options_)),
      deliveries_(database, jobs_, listeners_, clock),
      endpoints_(database, listeners_),
      events_(database, listeners_, deliveries_),
      customers_(database),
      methods_(database),
      intents_(database, jobs_, options_.address),
      sessions_(database, jobs_, options_.address),
      pages_(database, sessions_, intents_,
             [this](std::function<Task<Outcome>(Time)> happens) { return carry_out(std::move(happens)); }),
      charges_(database),
      refunds_(database, jobs_),
      disputes_(database),
      balance_(database),
      purge_(clock),
      operations_(together(intents_.operations(), sessions_.operations(), customers_.operations(),
                           methods_.operations(), charges_.operations(), refunds_.operations(), disputes_.operations(),
                           balance_.operations(), events_.operations(), endpoints_.operations())) {
  handle_jobs();
  purge_.add("sandbox.events", [this](Time now, std::int64_t most) { return events_.purge(now, most); });
  purge_.add("sandbox.deliveries", [this](Time now, std::int64_t most) { return events_.purge_deliveries(now, most); });
  purge_.add("sandbox.idempotency_keys", [this](Time now, std::int64_t most) { return memory_.purge(now, most); });
}

std::vector<Task<>> Sandbox::background() {
  std::vector<Task<>> tasks;
  tasks.push_back(jobs_.run());
  tasks.push_back(purge_.run());
  return tasks;
}

void Sandbox::stop() {
  jobs_.stop();
  purge_.stop();
}

/// What happens to a request, in order:
///
///   1. `/_sandbox/…` is no part of the gateway's API
///   2. a fault that is switched on: late, cut off, refused
///   3. the key: 401; the API's version: 400
///   4. the parameters: 400 for what is no form, or holds a card's number
///   5. the operation is looked up: 404
///   6. the idempotency key: 409 while its first request runs, 400 for another request, the kept answer
///   7. the operation decides; its effects, the events and the kept answer are one batch
///   8. a fault that tells before it answers, or cuts the connection after all is done
Task<http::Response> Sandbox::handle(http::Request const& request) {
  if (request.path.starts_with("/_sandbox/")) {
    if (auto page = co_await pages_.answer(request)) co_return std::move(*page);
    try {
      if (request.path.starts_with(intent_actions)) co_return co_await act_on_intent(request);
      co_return faults_.answer(request);
    } catch (ApiError const& error) {
      co_return to_response(error);
    }
  }
  auto const request_id = new_object_id("req_");
  auto const fault = faults_.take(request.method_name, request.path);
  auto response = co_await answer(request, request_id, fault);
  response.header("request-id", request_id);
  response.header("stripe-version",
                  std::string(is_api_version(version_of(request)) ? version_of(request) : default_version));
  co_return response;
}

Task<http::Response> Sandbox::answer(http::Request const& request, std::string request_id, std::optional<Fault> fault) {
  if (fault && !fault->is_about_webhooks() && fault->delay.count() > 0) co_await pause(fault->delay);
  http::Response response;
  response.cut_off = fault && fault->kind == FaultKind::close_before;
  if (response.cut_off) co_return response;
  auto const refusal = fault ? refusal_of(fault->kind) : std::nullopt;
  if (refusal) co_return to_response(*refusal);

  try {
    response = co_await perform(request, std::move(request_id), fault);
  } catch (ApiError const& error) {
    response = to_response(error);
  } catch (Problem const& problem) {
    response = refuse(problem, request);
  }
  response.cut_off = fault && fault->kind == FaultKind::close_after;
  co_return response;
}

Task<http::Response> Sandbox::perform(http::Request const& request, std::string request_id,
                                      std::optional<Fault> fault) {
  if (auto const refusal = refuse_credentials(request, options_.secret_key)) co_return to_response(*refusal);
  if (!is_api_version(version_of(request))) throw ApiError::invalid("Invalid Stripe API version");
  auto form = read_form(request);
  auto match = find_operation(operations_, request.method, request.path);
  if (!match) throw unrecognized_url(request);

  auto keyed = idempotency::read_key(request, form);
  Work work{std::move(*match), std::move(form), std::move(request_id), keyed, std::move(fault)};
  if (!keyed) co_return co_await execute(std::move(work));
  auto const mark = running_.mark(keyed->key);
  auto response = co_await execute(std::move(work));
  response.header("idempotency-key", keyed->key);
  co_return response;
}

/// An effect fails when another call has changed the object, or used the same key in another process, since we looked:
/// then everything is read and decided again.
Task<http::Response> Sandbox::execute(Work work) {
  Time const now = clock_.now();
  for (int attempt = 1;; ++attempt) {
    if (work.keyed) {
      if (auto kept = co_await memory_.recall(*work.keyed, now)) {
        auto response = json_response(kept->status, std::move(kept->body));
        response.header("Idempotent-Replayed", "true");
        response.header("original-request", kept->request_id);
        co_return response;
      }
    }
    auto decision = co_await decide(work, now);
    if (!co_await commit(decision, attempt)) continue;
    if (work.has(FaultKind::webhook_early)) co_await deliveries_.await(std::move(decision.to_deliver));
    co_return json_response(decision.status, std::move(decision.body));
  }
}

Task<Sandbox::Decision> Sandbox::decide(Work const& work, Time now) {
  ApiCall call{Parameters(work.form), work.match.ids, now, work.has(FaultKind::refund_fails_later)};
  auto outcome = co_await work.match.operation->run(std::move(call));
  auto const key = work.keyed ? std::optional(work.keyed->key) : std::nullopt;
  auto decision = co_await record(std::move(outcome), {work.request_id, key}, now, manner_of(work.fault));
  if (work.has(FaultKind::error_500_executed)) {
    auto const failed = Outcome::failed(ApiError::internal());
    decision.status = failed.status;
    decision.body = failed.body;
  }
  if (work.keyed) {
    auto keeping = idempotency::Memory::keep(*work.keyed, work.request_id, decision.status, decision.body, now);
    std::ranges::move(keeping, std::back_inserter(decision.effects));
  }
  co_return decision;
}

Task<Sandbox::Decision> Sandbox::record(Outcome outcome, events::Cause cause, Time now, webhooks::Manner manner) {
  co_await sessions_.follow(outcome);
  auto recorded = co_await events_.record(std::move(outcome.events), std::move(cause), now, manner);
  Decision decision{outcome.status, std::move(outcome.body), std::move(outcome.effects), std::move(outcome.committed),
                    std::move(recorded.to_deliver)};
  std::ranges::move(recorded.effects, std::back_inserter(decision.effects));
  co_return decision;
}

Task<bool> Sandbox::commit(Decision& decision, int attempt) {
  try {
    if (!decision.effects.empty()) co_await database_.batch(std::move(decision.effects));
  } catch (db::Error const&) {
    if (attempt == most_tries) throw;
    co_return false;
  }
  if (decision.committed) decision.committed();
  if (!decision.to_deliver.empty()) jobs_.wake();
  co_return true;
}

Task<http::Response> Sandbox::carry_out(std::function<Task<Outcome>(Time)> happens) {
  Time const now = clock_.now();
  for (int attempt = 1;; ++attempt) {
    auto decision = co_await record(co_await happens(now), {}, now, {});
    if (co_await commit(decision, attempt)) co_return json_response(decision.status, std::move(decision.body));
  }
}

Task<http::Response> Sandbox::act_on_intent(http::Request const& request) {
  auto const names = segments_of(request.path.substr(intent_actions.size() - 1));
  auto const action = names.size() == 2 ? payment_intents::parse_action(names[1]) : std::nullopt;
  if (!action || request.method != http::Method::post) throw unrecognized_url(request);
  std::string const id(names[0]);
  co_return co_await carry_out([&](Time now) { return intents_.act(id, *action, now); });
}

void Sandbox::handle_jobs() {
  jobs_.handle(std::string(checkout::job_kind), [this](jobs::Job const& job) -> Task<> {
    co_await carry_out([&](Time now) { return sessions_.run_out(job.payload, now); });
  });
  jobs_.handle(std::string(payment_intents::job_kind), [this](jobs::Job const& job) -> Task<> {
    auto const due = payment_intents::from_payload(job.payload);
    co_await carry_out([&](Time now) { return intents_.act(due.intent, due.action, now, due.attempt); });
  });
  jobs_.handle(std::string(refunds::job_kind), [this](jobs::Job const& job) -> Task<> {
    co_await carry_out([&](Time now) { return refunds_.settle(job.payload, now); });
  });
}

http::Response Sandbox::refuse(Problem const& problem, http::Request const&) {
  auto const* type = problem.status() >= 500 ? "api_error" : "invalid_request_error";
  auto const& detail = problem.detail().en;
  auto const message = detail.empty() ? std::string(problem.type().title_en) : detail;
  auto response = to_response(ApiError(problem.status(), type, message));
  for (auto const& [name, value] : problem.headers()) response.header(name, value);
  return response;
}

}  // namespace balcao::sandbox

#include "payments/gateway/stripe_api.hpp"

#include <algorithm>

#include "payments/gateway/stripe_read.hpp"
#include "platform/crypto/random.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/loops.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;
using Executed = GatewayUnknown::Executed;

constexpr std::string_view api_version = "2026-10-28.endive";
constexpr int retries = 2;
constexpr int most_pages = 500;
/// How long a call may wait for its turn within the rate limit.
constexpr auto longest_queue = 2s;

void append_encoded(std::string_view text, std::string_view plain, std::string& out) {
  static constexpr char digits[] = "0123456789ABCDEF";
  for (char const c : text) {
    bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || plain.contains(c)) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
}

std::string encode_form(StripeApi::Fields const& fields) {
  std::string form;
  for (auto const& [name, value] : fields) {
    if (!form.empty()) form += '&';
    append_encoded(name, "-_.[]", form);
    form += '=';
    append_encoded(value, "-_.[]", form);
  }
  return form;
}

/// min(0.5 · 2ⁿ⁻¹, 5) s × (0.5 … 1), as the official client waits before its n-th retry.
std::chrono::milliseconds wait_before(int retry) {
  auto const longest = std::min(500 << (retry - 1), 5000);
  auto const byte = static_cast<unsigned char>(crypto::random_bytes(1).front());
  return std::chrono::milliseconds(longest / 2 + longest / 2 * byte / 255);
}

bool should_retry(http::ClientResponse const& response) {
  auto const advice = response.header("Stripe-Should-Retry");
  if (advice == "true") return true;
  if (advice == "false") return false;
  return response.status == 409 || response.status >= 500;
}

/// Stripe's limits (https://docs.stripe.com/rate-limits): a second's worth may go out at once. The sandbox has none.
std::optional<http::TokenBucket> bucket_for(StripeSettings const& settings) {
  if (!settings.api_base.starts_with("https://api.stripe.com")) return std::nullopt;
  auto const per_second = settings.secret_key.contains("_live_") ? 100 : 25;
  return std::optional<http::TokenBucket>(std::in_place, http::TokenBucket::Options{per_second, per_second});
}

GatewayFault read_fault(http::ClientResponse const& response, json::Object const& error) {
  auto code = text_at(error, "code");
  if (code.empty()) code = text_at(error, "type");
  return {response.status,
          std::move(code),
          text_at(error, "decline_code"),
          text_at(error, "message"),
          text_at(error, "param"),
          id_at(error, "payment_intent"),
          std::string(response.header("request-id").value_or(""))};
}

/// What was asked, without the query, which can say who is meant.
std::string_view path_of(http::ClientRequest const& request) {
  return std::string_view(request.target).substr(0, request.target.find('?'));
}

}  // namespace

/// What one attempt came to: the answer, or why there is none.
struct StripeApi::Attempt {
  std::optional<json::Object> answer = {};
  std::optional<StripeRefused> refusal = {};
  std::string fault = {};
  Executed executed = Executed::no;
  bool again = false;  ///< it is worth another
};

StripeApi::StripeApi(StripeSettings settings)
    : settings_(std::move(settings)),
      client_({.base_url = settings_.api_base,
               .deadline = settings_.exchange_deadline,
               .in_flight = 100,
               .resolver = &network::resolver_for(network::Purpose::gateway)}),
      breaker_({.failures = 10, .probe_deadline = settings_.exchange_deadline}),
      retries_({.capacity = 20}),
      bucket_(bucket_for(settings_)) {}

Task<json::Object> StripeApi::get(std::string path, Fields query) {
  if (!query.empty()) path += '?' + encode_form(query);
  co_return co_await exchange(request_to(http::Method::get, std::move(path)));
}

Task<json::Object> StripeApi::post(std::string path, Fields fields, std::string idempotency_key) {
  auto request = request_to(http::Method::post, std::move(path));
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.headers.emplace_back("Idempotency-Key", std::move(idempotency_key));
  request.body = encode_form(fields);
  co_return co_await exchange(std::move(request));
}

Task<json::Object> StripeApi::remove(std::string path) {
  co_return co_await exchange(request_to(http::Method::del, std::move(path)));
}

Task<> StripeApi::each(std::string path, Fields query, std::function<bool(json::Object const&)> visit) {
  query.emplace_back("limit", "100");
  auto const own = query.size();
  for (int page = 0; page < most_pages; ++page) {
    auto const list = co_await get(path, query);
    auto const* data = list.if_contains("data");
    if (!data || !data->is_array()) throw GatewayUnknown("the gateway's list has no data");
    std::string last;
    for (auto const& found : data->get_array()) {
      if (!found.is_object()) continue;
      last = text_at(found.get_object(), "id");
      if (!visit(found.get_object())) co_return;
    }
    auto const* has_more = list.if_contains("has_more");
    if (!has_more || *has_more != true || last.empty()) co_return;
    query.resize(own);
    query.emplace_back("starting_after", last);
  }
  throw GatewayRefused(GatewayRefused::Reason::request,
                       {.code = "list_too_long", .message = "The list at " + path + " is too long."});
}

http::ClientRequest StripeApi::request_to(http::Method method, std::string target) const {
  return {method,
          std::move(target),
          {{"Authorization", "Bearer " + settings_.secret_key}, {"Stripe-Version", std::string(api_version)}},
          {}};
}

Task<json::Object> StripeApi::exchange(http::ClientRequest request) {
  auto const last_start = std::chrono::steady_clock::now() + settings_.exchange_deadline * 3 / 2;
  auto executed = Executed::no;
  retries_.deposit();
  for (int retry = 1;; ++retry) {
    auto tried = co_await attempt(request);
    if (tried.executed == Executed::unknown) executed = Executed::unknown;
    auto const wait = wait_before(retry);
    bool const in_time = std::chrono::steady_clock::now() + wait < last_start;
    if (tried.again && retry <= retries && in_time && retries_.withdraw()) {
      co_await pause(wait);
    } else if (tried.answer) {
      co_return std::move(*tried.answer);
    } else if (tried.refusal && tried.refusal->reason() == GatewayRefused::Reason::key &&
               executed == Executed::unknown) {
      throw GatewayUnknown(tried.refusal->what(), executed);  // that says nothing of what was sent before
    } else if (tried.refusal) {
      throw std::move(*tried.refusal);
    } else {
      throw GatewayUnknown(tried.fault, executed);
    }
  }
}

/// One attempt, if the rate limit and the breaker let it through.
Task<StripeApi::Attempt> StripeApi::attempt(http::ClientRequest request) {
  if (bucket_) {
    auto const wait = bucket_->take(std::chrono::steady_clock::now(), longest_queue);
    if (!wait) co_return Attempt{.fault = "more is asked of the gateway than it takes"};
    if (*wait > 0ms) co_await pause(*wait);
  }
  auto const pass = breaker_.allow(std::chrono::steady_clock::now());
  if (!pass) co_return Attempt{.fault = "the gateway has been away and is left alone for a moment"};
  std::optional<http::ClientResponse> response;
  Attempt none{.again = true};
  try {
    response = co_await client_.send(request);
  } catch (http::TransportError const& error) {
    none.fault = error.what();
    if (error.executed() == http::TransportError::Executed::unknown) none.executed = Executed::unknown;
  } catch (Problem const& overloaded) {
    none = {.fault = overloaded.what()};
  }
  auto const now = std::chrono::steady_clock::now();
  if (response && response->status < 500 && response->status != 429) {
    breaker_.succeeded(*pass);
  } else if (response || none.again) {
    breaker_.failed(*pass, now);
  }
  if (response) co_return judge(request, *response);
  log::warn("the gateway did not answer",
            {{"method", to_string(request.method)}, {"path", path_of(request)}, {"error", none.fault}});
  co_return none;
}

StripeApi::Attempt StripeApi::judge(http::ClientRequest const& request, http::ClientResponse const& response) {
  auto parsed = json::parse(response.body);
  bool const is_object = parsed && parsed->is_object();
  bool const good = response.status < 300;
  auto error = good || !is_object ? json::Object() : object_at(parsed->get_object(), "error");
  auto fault = read_fault(response, error);
  bool const expected = good || response.status == 402 || response.status == 404;
  log::write(expected ? log::Level::debug : log::Level::warn, "the gateway answered",
             {{"method", to_string(request.method)},
              {"path", path_of(request)},
              {"status", response.status},
              {"code", fault.code},
              {"gateway_request_id", fault.request_id}});

  if (good && is_object) return {.answer = std::move(parsed->get_object())};
  bool const again = should_retry(response);
  bool const busy = response.status == 409 || response.status == 429;
  if (response.status >= 400 && response.status < 500 && !busy) {
    bool const key = response.status == 401 || response.status == 403;
    auto const reason = key ? GatewayRefused::Reason::key : GatewayRefused::Reason::request;
    return {.refusal = StripeRefused(reason, std::move(fault), std::move(error)),
            .executed = response.sent_before ? Executed::unknown : Executed::no,
            .again = again};
  }
  // Behind a key in use there is a request that may well be doing what this one asks for; and so may what was sent
  // before.
  bool const idle = busy && fault.code != "idempotency_key_in_use" && !response.sent_before;
  return {.fault = "the gateway answered " + std::to_string(response.status) + " (" + fault.request_id + ")",
          .executed = idle ? Executed::no : Executed::unknown,
          .again = again};
}

std::string path_to(std::string_view collection, std::string_view id, std::string_view action) {
  if (id.empty()) throw GatewayRefused(GatewayRefused::Reason::request, {.code = "resource_missing"});
  std::string path = "/v1/" + std::string(collection) + '/';
  append_encoded(id, "_-", path);
  if (!action.empty()) path += '/' + std::string(action);
  return path;
}

}  // namespace balcao::payments

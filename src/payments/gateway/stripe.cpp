#include "payments/gateway/stripe.hpp"

#include <algorithm>
#include <chrono>

#include "platform/crypto/random.hpp"
#include "platform/http/client.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/loops.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

constexpr std::string_view api_version = "2026-10-28.endive";
constexpr int retries = 2;
/// By how much the gateway's clock may be behind ours.
constexpr std::chrono::minutes clock_difference{10};

using Fields = std::vector<std::pair<std::string, std::string>>;

void append_encoded(std::string_view text, std::string& form) {
  static constexpr char digits[] = "0123456789ABCDEF";
  for (char const c : text) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '[' || c == ']';
    if (plain) {
      form += c;
    } else {
      form += '%';
      form += digits[static_cast<unsigned char>(c) >> 4];
      form += digits[static_cast<unsigned char>(c) & 15];
    }
  }
}

std::string encode_form(Fields const& fields) {
  std::string form;
  for (auto const& [name, value] : fields) {
    if (!form.empty()) form += '&';
    append_encoded(name, form);
    form += '=';
    append_encoded(value, form);
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

std::string text_at(json::Object const& object, std::string_view name) {
  auto const* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

class Stripe final : public Gateway {
 public:
  explicit Stripe(StripeSettings settings)
      : settings_(std::move(settings)),
        client_({.base_url = settings_.api_base, .deadline = std::chrono::seconds(20), .in_flight = 100}) {}

  Task<std::string> create_customer(NewCustomer customer, std::string idempotency_key) override {
    Fields fields;
    if (customer.email) fields.emplace_back("email", *customer.email);
    fields.emplace_back("name", customer.name);
    fields.emplace_back("metadata[client_id]", customer.client_id);
    auto const created = co_await post("/v1/customers", fields, std::move(idempotency_key));
    auto id = text_at(created, "id");
    if (id.empty()) throw GatewayUnknown("the gateway's customer has no id");
    co_return id;
  }

  Task<> delete_customer(std::string gateway_id) override {
    try {
      co_await exchange(request_to(http::Method::del, "/v1/customers/" + gateway_id));
    } catch (GatewayRefused const& refused) {
      if (refused.code() != "resource_missing") throw;
    }
  }

  /// Through the list, which is up to date, and not through search, which lags.
  Task<std::optional<std::string>> find_customer(NewCustomer customer) override {
    auto const not_before = std::chrono::floor<std::chrono::seconds>(customer.created_at - clock_difference);
    Fields query{{"limit", "100"}, {"created[gte]", std::to_string(not_before.time_since_epoch().count())}};
    if (customer.email) query.emplace_back("email", *customer.email);
    auto const own = query.size();
    for (;;) {
      auto const page = co_await get("/v1/customers", query);
      auto const* data = page.if_contains("data");
      if (!data || !data->is_array()) throw GatewayUnknown("the gateway's list has no data");
      std::string last;
      for (auto const& found : data->as_array()) {
        if (!found.is_object()) continue;
        auto const* metadata = found.as_object().if_contains("metadata");
        last = text_at(found.as_object(), "id");
        if (metadata && metadata->is_object() && text_at(metadata->as_object(), "client_id") == customer.client_id) {
          co_return last;
        }
      }
      auto const* has_more = page.if_contains("has_more");
      if (!has_more || *has_more != true || last.empty()) co_return std::nullopt;
      query.resize(own);
      query.emplace_back("starting_after", last);
    }
  }

 private:
  http::ClientRequest request_to(http::Method method, std::string target) const {
    return {method,
            std::move(target),
            {{"Authorization", "Bearer " + settings_.secret_key}, {"Stripe-Version", std::string(api_version)}},
            {}};
  }

  Task<json::Object> get(std::string path, Fields query) {
    co_return co_await exchange(request_to(http::Method::get, path + '?' + encode_form(query)));
  }

  Task<json::Object> post(std::string path, Fields fields, std::string idempotency_key) {
    auto request = request_to(http::Method::post, std::move(path));
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.headers.emplace_back("Idempotency-Key", std::move(idempotency_key));
    request.body = encode_form(fields);
    co_return co_await exchange(std::move(request));
  }

  Task<json::Object> exchange(http::ClientRequest request) {
    for (int attempt = 1;; ++attempt) {
      auto response = co_await try_once(request, attempt <= retries);
      if (response) co_return interpret(*response);
      co_await pause(wait_before(attempt));
    }
  }

  /// Nothing where it is worth another attempt and one is left.
  Task<std::optional<http::ClientResponse>> try_once(http::ClientRequest request, bool attempts_left) {
    try {
      auto response = co_await client_.send(request);
      if (attempts_left && should_retry(response)) co_return std::nullopt;
      co_return response;
    } catch (http::TransportError const& error) {
      log::warn("the gateway did not answer", {{"error", error.what()}});
      if (!attempts_left) throw GatewayUnknown(error.what());
    } catch (Problem const& overloaded) {
      throw GatewayUnknown(overloaded.what());  // too many are under way: the job will ask when there is room
    }
    co_return std::nullopt;
  }

  static json::Object interpret(http::ClientResponse const& response) {
    auto document = json::parse(response.body);
    bool const is_object = document && document->is_object();
    if (response.status < 300 && is_object) return std::move(document->as_object());

    auto const* error = is_object ? document->as_object().if_contains("error") : nullptr;
    auto const fault = error && error->is_object() ? error->as_object() : json::Object{};
    log::warn("the gateway refused", {{"status", response.status},
                                      {"code", text_at(fault, "code")},
                                      {"gateway_request_id", response.header("request-id").value_or("")}});
    auto const message = text_at(fault, "message");
    if (response.status == 401 || response.status == 403) {
      throw GatewayRefused(GatewayRefused::Reason::key, text_at(fault, "code"), message);
    }
    if (response.status >= 400 && response.status < 500 && response.status != 409 && response.status != 429) {
      throw GatewayRefused(GatewayRefused::Reason::request, text_at(fault, "code"), message);
    }
    throw GatewayUnknown("the gateway answered " + std::to_string(response.status));
  }

  StripeSettings const settings_;
  http::Client client_;
};

}  // namespace

std::unique_ptr<Gateway> make_stripe(StripeSettings settings) { return std::make_unique<Stripe>(std::move(settings)); }

}  // namespace balcao::payments

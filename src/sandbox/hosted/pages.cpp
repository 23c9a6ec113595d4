#include "sandbox/hosted/pages.hpp"

#include <algorithm>
#include <array>

#include "platform/crypto/qr_code.hpp"
#include "sandbox/hosted/html.hpp"
#include "sandbox/hosted/views.hpp"
#include "sandbox/payment_methods/resource.hpp"

namespace balcao::sandbox::hosted {
namespace {

constexpr std::string_view checkout_path = "/_sandbox/checkout/";
constexpr std::string_view pay_path = "/_sandbox/pay/";
constexpr std::string_view pix_path = "/_sandbox/pix/";

/// The buttons of the checkout page that stand for a test card.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> cards{
    {{"card", "pm_card_visa"},
     {"card_authentication", "pm_card_threeDSecure2Required"},
     {"card_declined", "pm_card_chargeDeclined"},
     {"card_insufficient_funds", "pm_card_chargeDeclinedInsufficientFunds"}}};

/// What the pressed button says; empty for what is no such form.
std::string pressed(http::Request const& request, std::string_view name) {
  auto const form = parse_form(request.body);
  auto const* value = form ? form->if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// The payment method of a button, with the data that a customer would have typed.
std::optional<Object> method_of(std::string_view way, Object const& session, Time now) {
  for (auto const& [button, card] : cards) {
    if (button == way) return payment_methods::from_card(*payment_methods::find_card(card), now);
  }
  if (way != "pix" && way != "boleto") return std::nullopt;
  auto const email = session.text("customer_email");
  Form billing{{"name", "Maria da Silva"}, {"email", email.empty() ? "maria@example.com" : email}};
  Form form{{"type", way}};
  if (way == "boleto") {
    billing["address"] = Form{{"line1", "Avenida Paulista, 1000"},
                              {"city", "Sao Paulo"},
                              {"state", "SP"},
                              {"postal_code", "01310-100"},
                              {"country", "BR"}};
    form["boleto"] = Form{{"tax_id", "529.982.247-25"}};
  }
  form["billing_details"] = std::move(billing);
  Parameters parameters(std::move(form));
  return payment_methods::from_parameters(parameters, now);
}

bool is_taken(std::string_view status) {
  return status == "succeeded" || status == "requires_capture" || status == "processing";
}

/// Where an intent without a session leads back to.
std::string return_url_of(Object const& intent) {
  auto const& action = intent.resource.at("next_action");
  if (!action.is_object()) return {};
  auto const* redirect = action.get_object().if_contains("redirect_to_url");
  return redirect ? objects::text_of(redirect->as_object(), "return_url") : std::string();
}

/// With what the gateway adds to a return URL.
std::string with_outcome(std::string url, Object const& intent) {
  auto const fragment = url.find('#');
  auto const rest = fragment == url.npos ? std::string() : url.substr(fragment);
  url.erase(std::min(fragment, url.size()));
  url += (url.find('?') == url.npos ? "?" : "&");
  url += "payment_intent=" + intent.id() + "&payment_intent_client_secret=" + intent.text("client_secret") +
         "&redirect_status=" + (is_taken(intent.text("status")) ? "succeeded" : "failed");
  return url + rest;
}

}  // namespace

Task<std::optional<http::Response>> Pages::answer(http::Request const& request) {
  auto const id_after = [&](std::string_view start) { return std::string(request.path.substr(start.size())); };
  try {
    if (request.path.starts_with(checkout_path)) co_return co_await checkout(request, id_after(checkout_path));
    if (request.path.starts_with(pay_path)) co_return co_await pay(request, id_after(pay_path));
    if (request.path.starts_with(pix_path)) co_return co_await picture(request, id_after(pix_path));
  } catch (ApiError const&) {
    // What the page did not offer, or what is over by now: it says how things are.
    co_return see_other(std::string(request.path));
  }
  co_return std::nullopt;
}

Task<std::optional<Object>> Pages::intent_of(std::string id) {
  if (id.empty()) co_return std::nullopt;
  co_return co_await objects_.find("payment_intent", std::move(id));
}

Task<http::Response> Pages::checkout(http::Request const& request, std::string id) {
  auto const session = co_await sessions_.find(id);
  auto const language = language_of(request, session);
  if (!session) co_return missing_page(language);
  if (request.method == http::Method::post) co_return co_await begin_payment(*session, pressed(request, "method"));
  auto const intent = co_await intent_of(session->text("payment_intent"));
  if (session->text("status") != "open") co_return finished_page(*session, language);
  bool const acts = intent && intent->text("status") == "requires_action";
  if (acts) co_return see_other(std::string(pay_path) + intent->id());
  co_return checkout_page(*session, co_await sessions_.line_items_of(id), intent, language);
}

Task<http::Response> Pages::begin_payment(Object session, std::string way) {
  auto const page = std::string(checkout_path) + session.id();
  co_await carry_out_([&](Time now) -> Task<Outcome> {
    auto method = method_of(way, session, now);
    if (!method) throw ApiError::invalid("There is no such way to pay.", "method");
    return sessions_.pay(session.id(), std::move(*method), now);
  });
  session = (co_await sessions_.find(session.id())).value();
  auto const intent = co_await intent_of(session.text("payment_intent"));
  if (!intent) co_return see_other(page);
  if (intent->text("status") == "requires_action") co_return see_other(std::string(pay_path) + intent->id());
  co_return see_other(is_taken(intent->text("status")) ? sandbox::checkout::success_url(session) : page);
}

Task<http::Response> Pages::pay(http::Request const& request, std::string id) {
  auto const intent = co_await intent_of(id);
  auto session = intent ? co_await sessions_.find_by_intent(id) : std::nullopt;
  auto const language = language_of(request, session);
  if (!intent) co_return missing_page(language);
  if (request.method == http::Method::post) {
    auto const action = payment_intents::parse_action(pressed(request, "action"));
    if (!action) co_return see_other(std::string(request.path));
    co_return co_await act(*intent, std::move(session), *action);
  }
  auto const status = intent->text("status");
  bool const open = session && session->text("status") == "open";
  if (open && status == "requires_payment_method") co_return see_other(std::string(checkout_path) + session->id());
  co_return pay_page(*intent, session ? sandbox::checkout::success_url(*session) : return_url_of(*intent), language);
}

Task<http::Response> Pages::act(Object intent, std::optional<Object> session, payment_intents::Action action) {
  auto const id = intent.id();
  auto const back = return_url_of(intent);
  co_await carry_out_([&](Time now) { return intents_.act(id, action, now); });
  auto const now = (co_await intent_of(id)).value();
  if (session && is_taken(now.text("status"))) co_return see_other(sandbox::checkout::success_url(*session));
  if (session) co_return see_other(std::string(pay_path) + id);
  co_return see_other(back.empty() ? std::string(pay_path) + id : with_outcome(back, now));
}

Task<http::Response> Pages::picture(http::Request const& request, std::string name) {
  auto const dot = name.find('.');
  auto const kind = dot == name.npos ? std::string() : name.substr(dot);
  auto const intent = co_await intent_of(name.substr(0, dot));
  auto const* action = intent ? intent->resource.at("next_action").if_object() : nullptr;
  auto const* pix = action ? action->if_contains("pix_display_qr_code") : nullptr;
  if (!pix || (kind != ".svg" && kind != ".png")) co_return missing_page(request.language());
  auto const code = objects::text_of(pix->as_object(), "data");
  http::Response response{200,
                          kind == ".svg" ? "image/svg+xml" : "image/png",
                          {},
                          kind == ".svg" ? crypto::qr_code_svg(code) : crypto::qr_code_png(code)};
  response.header("Cache-Control", "no-store");
  response.header("X-Content-Type-Options", "nosniff");
  co_return response;
}

}  // namespace balcao::sandbox::hosted

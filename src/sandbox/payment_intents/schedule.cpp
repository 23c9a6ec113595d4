#include "sandbox/payment_intents/schedule.hpp"

#include "platform/json/parse.hpp"
#include "sandbox/payment_intents/next_action.hpp"
#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::payment_intents {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto reservation = std::chrono::days(7);
constexpr auto boleto_is_paid_after = 3min;
constexpr auto boleto_clears_after = 1s;

void schedule(Object const& intent, Action action, milliseconds delay, Changes& changes, Setting const& setting) {
  auto const payload = to_payload({intent.id(), action, attempt_of(intent)});
  changes.also(setting.jobs.enqueue(job_kind, new_object_id("job_"), payload, delay));
}

/// What stands before the `@`.
std::string billing_name(Object const& method) {
  auto const email = objects::text_of(method.resource.at("billing_details").as_object(), "email");
  return email.substr(0, email.find('@'));
}

}  // namespace

std::string to_payload(Appointment const& appointment) {
  return json::to_text(json::Object{{"intent", appointment.intent},
                                    {"action", name_of(appointment.action)},
                                    {"method", appointment.attempt.method},
                                    {"expires_at", appointment.attempt.expires_at}});
}

Appointment from_payload(std::string_view payload) {
  auto const document = json::parse(payload).value().as_object();
  auto const text = [&](std::string_view member) { return objects::text_of(document, member); };
  return {text("intent"), parse_action(text("action")).value(), {text("method"), document.at("expires_at").as_int64()}};
}

void schedule_release(Object const& intent, Changes& changes, Setting const& setting) {
  schedule(intent, Action::expire, reservation, changes, setting);
}

void schedule_attempt(Object const& intent, Object const& method, Changes& changes, Setting const& setting) {
  auto const name = billing_name(method);
  if (name.ends_with("expire_immediately")) return schedule(intent, Action::expire, 0s, changes, setting);
  if (name.ends_with("succeed_immediately")) {
    schedule(intent, Action::succeed, 0s, changes, setting);
  } else if (method.text("type") == "boleto" && !name.ends_with("fill_never")) {
    schedule(intent, Action::succeed, boleto_is_paid_after, changes, setting);
  }
  auto const left = std::chrono::seconds(expires_at(intent).value() - to_unix(setting.now));
  schedule(intent, Action::expire, left, changes, setting);
}

void schedule_clearing(Object const& intent, Changes& changes, Setting const& setting) {
  schedule(intent, Action::succeed, boleto_clears_after, changes, setting);
}

}  // namespace balcao::sandbox::payment_intents

#pragma once

#include "sandbox/payment_intents/machine.hpp"

namespace balcao::sandbox::payment_intents {

/// The kind of the jobs by which time acts on intents.
constexpr std::string_view job_kind = "payment_intent";

/// What such a job is to do, and to which attempt: an intent may have been tried by other means since.
struct Appointment {
  std::string intent;
  Action action;
  Attempt attempt;
};

std::string to_payload(Appointment const& appointment);
Appointment from_payload(std::string_view payload);

/// A card's reservation ends after seven days.
void schedule_release(Object const& intent, Changes& changes, Setting const& setting);

/// What becomes of a Pix or a boleto by itself, as the test rules of the billing e-mail say: `…succeed_immediately@`,
/// `…expire_immediately@`, `…fill_never@`. Any other boleto is paid after three minutes, any other Pix when it is
/// scanned. What is not paid expires.
void schedule_attempt(Object const& intent, Object const& method, Changes& changes, Setting const& setting);

/// The bank passes a boleto's money on.
void schedule_clearing(Object const& intent, Changes& changes, Setting const& setting);

}  // namespace balcao::sandbox::payment_intents

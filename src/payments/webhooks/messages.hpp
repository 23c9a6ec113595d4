#pragma once

#include <array>
#include <atomic>

#include "payments/model.hpp"
#include "platform/db/database.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/json/value.hpp"
#include "platform/runtime/wake_up.hpp"

namespace balcao::payments {

/// What integrators are told of. The names never change.
namespace message_types {

inline constexpr std::string_view payment_created = "payment.created";
inline constexpr std::string_view payment_requires_action = "payment.requires_action";
inline constexpr std::string_view payment_processing = "payment.processing";
inline constexpr std::string_view payment_requires_capture = "payment.requires_capture";
inline constexpr std::string_view payment_declined = "payment.declined";
inline constexpr std::string_view payment_succeeded = "payment.succeeded";
inline constexpr std::string_view payment_canceled = "payment.canceled";
inline constexpr std::string_view refund_created = "refund.created";
inline constexpr std::string_view refund_updated = "refund.updated";
inline constexpr std::string_view dispute_created = "dispute.created";
inline constexpr std::string_view dispute_updated = "dispute.updated";

inline constexpr std::array all{payment_created,          payment_requires_action, payment_processing, payment_declined,
                                payment_requires_capture, payment_succeeded,       payment_canceled,   refund_created,
                                refund_updated,           dispute_created,         dispute_updated};

/// Sent on request only, to the endpoint that asks for it.
inline constexpr std::string_view test = "webhook.test";

}  // namespace message_types

/// The durable jobs that tell Products of what has happened to an order's payment; the payload is the order's id.
inline constexpr std::string_view order_changed_job = "order_changed";

/// Something that happened, for integrators, and for Products where it concerns an order.
struct Message {
  Id<Owner> owner;    ///< whose it is: his endpoints hear of it, and those that hear of everyone
  std::string type;   ///< one of `message_types`
  json::Object data;  ///< the thing as the API shows it now
  std::optional<Id<Order>> order{};
};

/// Makes known what happened. From any thread.
class Messages {
 public:
  /// What they are given must outlive them.
  Messages(jobs::Jobs& jobs, Clock const& clock) : jobs_(jobs), clock_(clock) {}

  /// The statement calls that make it known, to be put into the batch or transaction that makes it true: a delivery for
  /// each endpoint that wants to hear of it, and nothing where there is none; a job for an order. What is made known is
  /// delivered at least once, also by another process.
  std::vector<db::Call> calls(Message const& message) const;

  /// Tells the delivery that there may be something new, after the commit. Without it it looks once a second.
  void wake(std::optional<Id<Order>> const& order = std::nullopt) {
    if (listened_) arrivals_.ring();
    if (order) jobs_.wake();
  }

  /// For the delivery: the wait that `wake` ends, and whether anyone in this process's knowledge listens at all.
  WakeUp& arrivals() { return arrivals_; }
  bool listened() const { return listened_; }
  void set_listened(bool listened) { listened_ = listened; }

 private:
  jobs::Jobs& jobs_;
  Clock const& clock_;
  WakeUp arrivals_;
  std::atomic<bool> listened_ = true;
};

/// The body as it is delivered, the same bytes each time: `{"type":…,"timestamp":…,"data":…}` (Standard Webhooks).
std::string message_body(std::string_view type, Time happened_at, json::Object data);

}  // namespace balcao::payments

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/client.hpp"
#include "platform/jobs/jobs.hpp"
#include "sandbox/events/store.hpp"
#include "sandbox/transport/operation.hpp"
#include "sandbox/webhooks/listeners.hpp"

namespace balcao::sandbox::webhooks {

/// Whether it is an address that events can be sent to: http or https, with a host, in printable ASCII.
bool is_deliverable(std::string_view url);

/// How the events of a call are to be delivered; all but `plainly` is a fault.
struct Manner {
  enum class Kind { plainly, twice, late, early, reordered, bad_signature };
  Kind kind = Kind::plainly;
  std::chrono::milliseconds delay{};  ///< of `late` the pause before, of `reordered` the pauses between
};

/// Sends events to those who listen: signed, until the answer is a 2xx, for three days. Durable jobs do it, so an event
/// can arrive twice, and after a later one.
class Deliveries {
 public:
  /// Takes over the jobs of its kind; to be made before they run, and to outlive them.
  Deliveries(db::Database& database, jobs::Jobs& jobs, Listeners& listeners, Clock const& clock);

  /// The statements by which `events` will be delivered to `listeners`; for the batch that stores the events.
  std::vector<db::Call> plan(std::vector<events::Event> const& events, std::vector<Listener> const& listeners,
                             Manner manner) const;

  /// Waits until these events have been delivered to all who listen, at most for as long as one attempt may take.
  Task<> await(std::vector<std::string> events);

 private:
  Task<> deliver(jobs::Job const& job);
  Task<> send(std::string const& body, Listener const& listener, std::string event, bool well_signed);
  std::shared_ptr<http::Client> client_of(std::string const& origin);

  events::Store store_;
  jobs::Jobs& jobs_;
  Listeners& listeners_;
  Clock const& clock_;
  std::map<std::string, std::shared_ptr<http::Client>> clients_;  ///< by origin; the jobs' loop alone touches it
};

}  // namespace balcao::sandbox::webhooks

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>

namespace balcao {

/// For whom a piece of work is done, and how urgent it is.
struct WorkShare {
  enum class Urgency : unsigned char { first, normal, last };

  Urgency urgency = Urgency::normal;
  std::string client;   ///< who asks, such as a network address
  std::string subject;  ///< what it is about, such as an account
};

/// Jobs that wait for a worker. Clients take turns, and so do the subjects of a client, whoever has more waiting; the
/// jobs of one subject keep their order. More urgent jobs go first, but every fifth is of a less urgent kind that
/// waits. Each urgency has `limit` places: where they are full, a client that has less waiting takes the place of the
/// newest job of the client that has most. For one thread at a time.
class FairQueue {
 public:
  using Clock = std::chrono::steady_clock;
  /// Called once: to do the work, or to tell that it is refused.
  enum class Verdict : unsigned char { run, refused };
  using Job = std::move_only_function<void(Verdict)>;

  struct Taken {
    Job job;
    Verdict verdict;  ///< refused: it has waited for longer than `max_wait`
  };

  FairQueue(std::size_t limit, Clock::duration max_wait) : limit_(limit), max_wait_(max_wait) {}

  /// Gives the job that is to be refused for want of a place, if there is one: this or another.
  std::optional<Job> push(WorkShare share, Job job, Clock::time_point now);
  /// The next one; nothing where none waits.
  std::optional<Taken> take(Clock::time_point now);
  bool empty() const;

 private:
  struct Waiting {
    Job job;
    Clock::time_point since;
  };
  struct Subject {
    std::string name;
    std::deque<Waiting> jobs;
  };
  struct Client {
    std::string name;
    std::list<Subject> subjects;  ///< the next one's turn first
    std::size_t waiting = 0;
  };
  struct Level {
    std::list<Client> clients;  ///< the next one's turn first
    std::size_t waiting = 0;
    int passed_over = 0;  ///< how many more urgent jobs went first since its own last turn
  };

  /// Takes the newest job of whoever has most waiting, where that is more than the newcomer would have.
  static std::optional<Job> displace(Level& level, WorkShare const& newcomer);
  Level& next_level();

  std::size_t const limit_;
  Clock::duration const max_wait_;
  std::array<Level, 3> levels_;
};

}  // namespace balcao

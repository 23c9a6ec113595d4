#include "platform/runtime/fair_queue.hpp"

#include <algorithm>
#include <utility>

namespace balcao {
namespace {

/// So many more urgent jobs may go before a less urgent one that waits.
constexpr int max_passed_over = 4;

template <class List>
auto find_by_name(List& list, std::string const& name) {
  return std::ranges::find_if(list, [&name](auto const& each) { return each.name == name; });
}

}  // namespace

std::optional<FairQueue::Job> FairQueue::push(WorkShare share, Job job, Clock::time_point now) {
  auto& level = levels_[static_cast<std::size_t>(share.urgency)];
  std::optional<Job> refused;
  if (level.waiting >= limit_) {
    refused = displace(level, share);
    if (!refused) return job;
  }
  auto client = find_by_name(level.clients, share.client);
  if (client == level.clients.end()) {
    client = level.clients.insert(level.clients.end(), Client{std::move(share.client), {}, 0});
  }
  auto& subjects = client->subjects;
  auto subject = find_by_name(subjects, share.subject);
  if (subject == subjects.end()) subject = subjects.insert(subjects.end(), Subject{std::move(share.subject), {}});
  subject->jobs.push_back({std::move(job), now});
  ++client->waiting;
  ++level.waiting;
  return refused;
}

std::optional<FairQueue::Job> FairQueue::displace(Level& level, WorkShare const& newcomer) {
  if (level.clients.empty()) return std::nullopt;
  auto greediest = std::ranges::max_element(level.clients, {}, &Client::waiting);
  auto const own = find_by_name(level.clients, newcomer.client);
  auto const own_waiting = own == level.clients.end() ? 0 : own->waiting;
  if (own_waiting == greediest->waiting) greediest = own;
  auto const jobs = [](Subject const& subject) { return subject.jobs.size(); };
  auto const largest = std::ranges::max_element(greediest->subjects, {}, jobs);
  if (own == greediest) {
    auto const about = find_by_name(own->subjects, newcomer.subject);
    auto const about_it = about == own->subjects.end() ? 0 : about->jobs.size();
    if (largest->jobs.size() <= about_it + 1) return std::nullopt;
  } else if (greediest->waiting <= own_waiting + 1) {
    return std::nullopt;
  }
  auto displaced = std::move(largest->jobs.back().job);
  largest->jobs.pop_back();
  if (largest->jobs.empty()) greediest->subjects.erase(largest);
  --greediest->waiting;  // never its last: it had more than the newcomer will have
  --level.waiting;
  return displaced;
}

FairQueue::Level& FairQueue::next_level() {
  auto const has_work = [](Level const& level) { return level.waiting > 0; };
  auto chosen = std::ranges::find_if(levels_, has_work);
  for (auto level = std::next(chosen); level != levels_.end(); ++level) {
    if (has_work(*level) && level->passed_over >= max_passed_over) chosen = level;
  }
  for (auto level = levels_.begin(); level != levels_.end(); ++level) {
    if (level == chosen || !has_work(*level)) {
      level->passed_over = 0;
    } else {
      ++level->passed_over;
    }
  }
  return *chosen;
}

std::optional<FairQueue::Taken> FairQueue::take(Clock::time_point now) {
  if (empty()) return std::nullopt;
  auto& level = next_level();
  auto const client = level.clients.begin();
  auto const subject = client->subjects.begin();
  auto waiting = std::move(subject->jobs.front());
  subject->jobs.pop_front();
  --client->waiting;
  --level.waiting;
  // Who has had a turn goes behind the others.
  client->subjects.splice(client->subjects.end(), client->subjects, subject);
  level.clients.splice(level.clients.end(), level.clients, client);
  if (subject->jobs.empty()) client->subjects.erase(subject);
  if (client->subjects.empty()) level.clients.erase(client);
  auto const verdict = now - waiting.since > max_wait_ ? Verdict::refused : Verdict::run;
  return Taken{std::move(waiting.job), verdict};
}

bool FairQueue::empty() const {
  return std::ranges::all_of(levels_, [](Level const& level) { return level.waiting == 0; });
}

}  // namespace balcao

#include "platform/db/postgres/pipeline.hpp"

#include <iterator>
#include <utility>

namespace balcao::db::postgres {

void Pipeline::expect(std::shared_ptr<Prepared> preparation, Deadline cut_off) {
  Entry& entry = entries_.emplace_back();
  entry.statements.push_back(std::move(preparation));
  entry.cut_off = cut_off;
}

void Pipeline::expect(Group group, std::vector<std::shared_ptr<Prepared>> statements, Deadline cut_off,
                      Deadline last_cut_off) {
  units_ += group.size();
  Entry& entry = entries_.emplace_back();
  entry.results.reserve(statements.size());
  entry.statements = std::move(statements);
  entry.group = std::move(group);
  entry.cut_off = cut_off;
  entry.last_cut_off = last_cut_off;
}

std::vector<Pipeline::Answer> Pipeline::take(Reply reply, Deadline next) {
  if (entries_.empty()) throw ProtocolViolation("a reply to nothing");
  Entry& entry = entries_.front();
  entry.cut_off = std::max(entry.cut_off, std::min(next, entry.last_cut_off));

  if (std::holds_alternative<Synced>(reply)) {
    bool const is_complete = entry.replies == entry.statements.size() || entry.error;
    if (awaits_end_ || !is_complete) throw ProtocolViolation("a sync before its replies");
    return conclude(take_front());
  }
  if (std::holds_alternative<End>(reply)) {
    if (!std::exchange(awaits_end_, false)) throw ProtocolViolation("an end of nothing");
    return {};
  }

  auto* const failed = std::get_if<Failed>(&reply);
  auto const number = entry.replies;
  count_reply(entry, failed != nullptr);
  if (auto* const rows = std::get_if<Rows>(&reply)) {
    entry.results.push_back(std::move(*rows));
  } else if (auto* const unreadable = std::get_if<Unreadable>(&reply)) {
    entry.results.emplace_back();
    entry.unreadable = std::move(unreadable->why);
    entry.unreadable_call = number;
  } else if (failed != nullptr && !entry.error) {
    entry.error = std::move(failed->error);
    entry.failed_call = number;
  }
  return {};
}

/// A deferred constraint, or a conflict seen only by the commit, fails after the last statement, before the sync.
void Pipeline::count_reply(Entry& entry, bool is_failure) {
  if (awaits_end_) throw ProtocolViolation("two replies to one statement");
  if (entry.replies < entry.statements.size()) {
    ++entry.replies;
  } else if (!is_failure) {
    throw ProtocolViolation("more replies than statements");
  }
  awaits_end_ = true;
}

Pipeline::Entry Pipeline::take_front() {
  Entry entry = std::move(entries_.front());
  entries_.pop_front();
  units_ -= entry.group.size();
  return entry;
}

std::vector<Pipeline::Answer> Pipeline::conclude(Entry entry) {
  bool const failed_at_commit = entry.failed_call == entry.statements.size();
  if (entry.error && !failed_at_commit) {
    auto& failure = entry.statements[entry.failed_call]->failure;
    bool const is_preparation = entry.group.empty();
    if (is_preparation || (!failure && entry.error->is_of_preparation())) failure = entry.error;
    if (failure) entry.error = failure;
  }

  std::vector<Answer> answers;
  answers.reserve(entry.group.size());
  bool const is_group = entry.group.size() > 1;
  std::size_t first = 0;
  for (auto& unit : entry.group) {
    auto const next = first + unit->calls.size();
    Answer& answer = answers.emplace_back();
    if (entry.error) {
      bool const is_cause = failed_at_commit || (entry.failed_call >= first && entry.failed_call < next);
      answer.error = entry.error;
      answer.failed_call = is_cause && !failed_at_commit ? entry.failed_call - first : 0;
      answer.is_undone = is_group && !entry.error->leaves_unknown();
      unit->is_alone = unit->is_alone || is_cause;
    } else if (entry.results.size() >= next) {
      auto const results = entry.results.begin() + static_cast<std::ptrdiff_t>(first);
      answer.results.assign(std::make_move_iterator(results),
                            std::make_move_iterator(results + static_cast<std::ptrdiff_t>(unit->calls.size())));
      if (entry.unreadable_call >= first && entry.unreadable_call < next) answer.unreadable = entry.unreadable;
    }
    answer.unit = std::move(unit);
    first = next;
  }
  return answers;
}

std::vector<Pipeline::Answer> Pipeline::give_up(bool is_all_sent) {
  std::vector<Answer> unanswered;
  awaits_end_ = false;
  while (!entries_.empty()) {
    auto answers = conclude(take_front());
    bool const is_unsent = !is_all_sent && entries_.empty();
    for (auto& answer : answers) answer.is_unsent = is_unsent;
    std::ranges::move(answers, std::back_inserter(unanswered));
  }
  return unanswered;
}

}  // namespace balcao::db::postgres

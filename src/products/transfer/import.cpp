#include "products/transfer/import.hpp"

#include "platform/json/codec.hpp"
#include "platform/runtime/loops.hpp"
#include "platform/telemetry/log.hpp"
#include "products/catalog/announcement.hpp"
#include "products/catalog/catalog.hpp"

namespace balcao::products {
namespace {

constexpr int attempts = 6;  ///< together some three seconds, beside what the database itself waits
constexpr std::chrono::milliseconds first_pause{50};

std::size_t size_of(Row const& row) {
  return sizeof(Row) + (row.name ? row.name->str().size() : 0) + (row.description ? row.description->str().size() : 0) +
         (row.image_url ? row.image_url->str().size() : 0);
}

Product product_of(Row row, Actor const& actor, Time now) {
  Product product;
  product.id = Id<Product>::make(now);
  product.owner = actor.id;
  product.name = row.name->str();
  product.price = row.price->number();
  product.currency = row.currency.value_or(Currency::brl()).str();
  if (row.description) product.description = row.description->str();
  if (row.stock) product.stock = row.stock->number();
  if (row.image_url) product.image_url = row.image_url->str();
  product.active = row.active.value_or(true);
  product.created_at = product.updated_at = now;
  return product;
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
  out += name;
  json::encode_string(text, out);
}

}  // namespace

void append_json(Problem const& problem, Language language, std::string& out) {
  auto const& detail = problem.detail().in(language);
  append_member("{\"code\":", problem.type().code, out);
  append_member(",\"detail\":", detail.empty() ? std::string(problem.type().title(language)) + '.' : detail, out);
  if (!problem.faults().empty()) {
    out += ",\"errors\":[";
    for (bool first = true; auto const& fault : problem.faults()) {
      append_member(std::exchange(first, false) ? "{\"pointer\":" : ",{\"pointer\":", fault.pointer, out);
      append_member(",\"detail\":", fault.detail.in(language), out);
      out += '}';
    }
    out += ']';
  }
  out += '}';
}

void append_json(Outcome const& outcome, Language language, std::string& out) {
  out += "{\"line\":" + std::to_string(outcome.line);
  if (outcome.result) {
    out += ",\"id\":\"" + outcome.result->str() + '"';
  } else {
    out += ",\"error\":";
    append_json(outcome.result.error(), language, out);
  }
  out += "}\n";
}

Task<> Import::take() {
  while (auto line = source_.next()) {
    // Two changes of one product come in the order of their lines, so not in one statement.
    if (line->row && line->row->id && batch_->changed.contains(*line->row->id)) co_await send();
    add(std::move(*line));
    if (batch_->outcomes.size() >= ground_.batch_rows || batch_->bytes >= ground_.batch_bytes) co_await send();
  }
  // What follows may be long in coming: where nothing is under way, what is there goes. Else it grows meanwhile.
  if (under_way_.empty() && !batch_->outcomes.empty()) co_await send();
  if (failure_) std::rethrow_exception(failure_);
}

Task<> Import::finish() {
  if (!batch_->outcomes.empty()) co_await send();
  co_await wait_until_under_way(0);
  co_await settle();  // the last report may still be under way
  if (failure_) std::rethrow_exception(failure_);
}

Task<> Import::settle() { co_await tasks_.join(); }

void Import::add(Line line) {
  auto& batch = *batch_;
  auto const place = batch.outcomes.size();
  if (!line.row) {
    batch.outcomes.push_back({line.number, std::unexpected(std::move(line.row.error()))});
    batch.bytes += sizeof(Outcome);
    return;
  }
  batch.bytes += size_of(*line.row);
  if (auto const id = line.row->id) {
    batch.outcomes.push_back({line.number, *id});
    batch.changed.insert(*id);
    batch.changes.push_back({*id, *std::move(line.row)});
    batch.change_at.push_back(place);
  } else {
    batch.fresh.push_back(product_of(*std::move(line.row), actor_, ground_.clock.now()));
    batch.outcomes.push_back({line.number, batch.fresh.back().id});
    batch.fresh_at.push_back(place);
  }
}

/// Changes go alone, for the same reason.
Task<> Import::send() {
  bool const has_changes = !batch_->changes.empty();
  co_await wait_until_under_way(has_changes || changes_are_under_way_ ? 0 : batches_under_way - 1);
  changes_are_under_way_ = has_changes;
  auto batch = std::exchange(batch_, std::make_shared<Batch>());
  under_way_.push_back(batch);
  co_await tasks_.start(perform(std::move(batch)));
}

Task<> Import::wait_until_under_way(std::size_t most) {
  while (under_way_.size() > most && !failure_) co_await moved_.wait(std::chrono::seconds(1));
  if (failure_) std::rethrow_exception(failure_);
}

Task<> Import::perform(std::shared_ptr<Batch> batch) {
  try {
    co_await store(*batch);
    batch->is_stored = true;
  } catch (...) {
    failure_ = std::current_exception();
  }
  batch->is_done = true;
  co_await report_what_is_done();
  moved_.ring();
}

Task<> Import::store(Batch& batch) {
  auto const rows = batch.fresh.size() + batch.changes.size();
  if (rows == 0) co_return;
  std::vector<Id<Product>> written(batch.changed.begin(), batch.changed.end());
  if (!batch.fresh.empty()) written.push_back(batch.fresh.front().id);
  // A part may be stored before another fails, and an attempt whose outcome is unknown before one that is refused.
  Announcement announcement([&] { ground_.written(written); });
  auto const refused = co_await store_part(batch, 0, rows);
  if (refused == rows) announcement.withdraw();
  if (refused == rows && rows > 1) throw std::runtime_error("the database refuses every row");
}

/// Stores some of the batch's rows, the changes counted after the new ones, and gives how many the database refused
/// against all our rules: those are found by halves.
Task<std::size_t> Import::store_part(Batch& batch, std::size_t first, std::size_t count) {
  TransferStore::Batch part{{}, {}, actor_, ground_.clock.now(), std::nullopt};
  if (ground_.leaves_marks) part.mark = Uuid::make(part.now);
  auto const fresh_end = batch.fresh.size();
  auto const row = [&](std::size_t i) -> Outcome& {
    return batch.outcomes[i < fresh_end ? batch.fresh_at[i] : batch.change_at[i - fresh_end]];
  };
  for (auto i = first; i < first + count; ++i) {
    if (i < fresh_end) {
      part.fresh.push_back(batch.fresh[i]);
    } else {
      part.changes.push_back(batch.changes[i - fresh_end]);
    }
  }
  auto const first_change = first + part.fresh.size();
  std::string cause;
  try {
    auto const was_there = co_await insist(std::move(part));
    for (std::size_t i = 0; i < was_there.size(); ++i) {
      if (!was_there[i]) row(first_change + i).result = std::unexpected(no_such_product());
    }
    co_return 0;
  } catch (db::Error const& error) {
    cause = error.what();
  }
  if (count == 1) {
    log::error("a row of an import cannot be stored", {{"line", row(first).line}, {"cause", cause}});
    row(first).result = std::unexpected(Problem(problems::internal));
    co_return 1;
  }
  auto const half = count / 2;
  auto const refused = co_await store_part(batch, first, half);
  co_return refused + co_await store_part(batch, first + half, count - half);
}

/// A batch can be sent twice: its ids are made, and its changes say what is to be.
Task<std::vector<bool>> Import::insist(TransferStore::Batch part) {
  auto wait = first_pause;
  for (int attempt = 1;; ++attempt) {
    try {
      co_return co_await ground_.store.store(part);
    } catch (Problem const& problem) {
      if (problem.status() != problems::unavailable.status || attempt == attempts) throw;
    }
    co_await pause(wait);
    wait *= 2;
  }
}

Task<> Import::report_what_is_done() {
  if (std::exchange(is_reporting_, true)) co_return;  // whoever does it comes to this one too
  while (!under_way_.empty() && under_way_.front()->is_done) {
    auto const batch = std::move(under_way_.front());
    under_way_.pop_front();
    if (!batch->is_stored) continue;
    for (auto const& outcome : batch->outcomes) ++(outcome.result ? counts_.imported : counts_.failed);
    try {
      co_await report_(batch->outcomes);
    } catch (...) {
      failure_ = std::current_exception();
    }
  }
  is_reporting_ = false;
}

}  // namespace balcao::products

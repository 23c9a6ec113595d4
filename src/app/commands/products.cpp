#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "app/commands/commands.hpp"
#include "app/commands/progress.hpp"
#include "app/storage.hpp"
#include "auth/accounts/store.hpp"
#include "platform/runtime/loops.hpp"
#include "platform/runtime/workers.hpp"
#include "products/transfer/export.hpp"
#include "products/transfer/import.hpp"

namespace balcao::app::commands {
namespace {

using products::Format;
using products::Outcome;

constexpr std::size_t read_size = 256 * 1024;
constexpr std::size_t batch_rows = 5000;
constexpr std::size_t batch_bytes = 4 * 1024 * 1024;
constexpr std::uint64_t bad_rows_shown = 20;
constexpr std::chrono::hours marks_are_kept{1};

products::Format format_of(TransferOptions const& options) {
  std::string_view const file = options.file;
  if (options.format == "csv" || (options.format.empty() && file.ends_with(".csv"))) return Format::csv;
  bool const is_named = file.ends_with(".ndjson") || file.ends_with(".jsonl");
  if (options.format.empty() && !is_named) {
    throw std::invalid_argument("say --format ndjson or --format csv, since the name '" + options.file +
                                "' does not end with .ndjson, .jsonl or .csv");
  }
  return Format::ndjson;
}

[[noreturn]] void fail(std::string const& file, std::string const& what) {
  throw std::runtime_error("'" + file + "' cannot be " + what + ": " + std::strerror(errno));
}

/// A file, or standard input or output, by its descriptor.
class Descriptor {
 public:
  Descriptor(std::string const& file, int flags) : file_(file) {
    bool const reads = (flags & O_ACCMODE) == O_RDONLY;
    number_ = file == "-" ? (reads ? STDIN_FILENO : STDOUT_FILENO) : ::open(file.c_str(), flags | O_CLOEXEC, 0644);
    if (number_ < 0) fail(file_, reads ? "opened" : "made");
  }
  ~Descriptor() {
    if (file_ != "-") ::close(number_);
  }
  Descriptor(Descriptor const&) = delete;

  /// In bytes; nothing where it is no plain file.
  std::optional<std::uint64_t> size() const {
    struct stat about{};
    if (::fstat(number_, &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(about.st_size);
  }

  /// Blocks. Empty at the end.
  std::string read() const {
    std::string bytes(read_size, '\0');
    auto const count = ::read(number_, bytes.data(), bytes.size());
    if (count < 0) fail(file_, "read");
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
  }

  /// Blocks.
  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      auto const count = ::write(number_, bytes.data(), bytes.size());
      if (count < 0) fail(file_, "written");
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  std::string const file_;
  int number_;
};

/// The products and the users in the database, beside a server that may be running on it.
struct Desk {
  explicit Desk(Config const& config) : storage(place_of(config), Storage::Use::shared, loops, {"auth", "products"}) {}

  Task<Id<products::Owner>> owner(std::string username) {
    auth::AccountStore accounts(storage.database("auth"));
    auto const found = co_await accounts.find_credentials(username);
    if (!found) throw std::invalid_argument("there is no user '" + username + "'");
    co_return Id<products::Owner>{found->user.id.uuid};
  }

  Clock const& clock = system_clock();
  Loops loops{1};
  Storage storage;
  Workers files{1, 1};  ///< that wait for what blocks
  products::TransferStore store{storage.database("products")};
};

/// What is wrong with a row, in one sentence.
std::string reason(Problem const& problem) {
  auto const& detail = problem.detail().en;
  std::string why = detail.empty() && problem.faults().empty() ? std::string(problem.type().title_en) : detail;
  for (auto const& fault : problem.faults()) {
    why += (why.empty() ? "" : " ") + (fault.pointer.empty() ? "" : fault.pointer + ": ") + fault.detail.en;
  }
  return why;
}

/// Tells people of the outcomes.
class Teller {
 public:
  Teller(Progress& progress, std::string const& errors) : progress_(progress) {
    if (errors.empty()) return;
    errors_.open(errors, std::ios::binary);
    if (!errors_) fail(errors, "made");
  }

  void tell(std::vector<Outcome> const& outcomes) {
    std::string lines;
    for (auto const& outcome : outcomes) {
      if (outcome.result) continue;
      if (++bad_rows_ <= bad_rows_shown) progress_.tell(outcome.line, reason(outcome.result.error()));
      if (errors_.is_open()) append_json(outcome, Language::english, lines);
    }
    errors_ << lines;
  }

  void finish() {
    errors_.flush();
    if (bad_rows_ <= bad_rows_shown) return;
    std::fprintf(stderr, "… and %s more%s\n", std::to_string(bad_rows_ - bad_rows_shown).c_str(),
                 errors_.is_open() ? "" : "; --errors FILE tells of all");
  }

 private:
  Progress& progress_;
  std::ofstream errors_;
  std::uint64_t bad_rows_ = 0;
};

Task<> take_all(Desk& desk, products::Import& import, products::RowSource& source, Descriptor const& file,
                Progress& progress) {
  std::uint64_t taken = 0;
  for (bool ended = false; !ended;) {
    auto const bytes = co_await desk.files.run([&file] { return file.read(); });
    ended = bytes.empty();
    if (ended) {
      source.end();
    } else {
      source.feed(bytes);
    }
    taken += bytes.size();
    co_await import.take();
    progress.show(import.counts().imported + import.counts().failed, taken);
  }
  co_await import.finish();
}

Task<> run_import(Desk& desk, TransferOptions options, Descriptor const& file, products::Import::Counts& counts) {
  co_await desk.storage.migrate(desk.clock);
  products::Actor const actor{co_await desk.owner(options.owner), true};
  auto const source = products::RowSource::of(format_of(options));
  Progress progress(file.size());
  Teller teller(progress, options.errors);
  products::Import import({desk.store, desk.clock, [](auto) {}, true, batch_rows, batch_bytes}, actor, *source,
                          [&teller](std::vector<Outcome> const& outcomes) -> Task<> {
                            teller.tell(outcomes);
                            co_return;
                          });
  std::exception_ptr failure;
  try {
    co_await take_all(desk, import, *source, file, progress);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await import.settle();
  counts = import.counts();
  progress.finish(counts.imported + counts.failed);
  teller.finish();
  if (failure) std::rethrow_exception(failure);
  co_await desk.store.forget_marks(desk.clock.now() - marks_are_kept);
}

Task<> run_export(Desk& desk, TransferOptions options, Descriptor const& file, std::uint64_t& rows) {
  co_await desk.storage.migrate(desk.clock);
  std::optional<Id<products::Owner>> owner;
  if (!options.owner.empty()) owner = co_await desk.owner(options.owner);
  products::Export products(desk.store, owner, format_of(options));
  Progress progress;
  while (auto const piece = co_await products.next()) {
    file.write(*piece);
    progress.show(products.rows());
  }
  rows = products.rows();
  progress.finish(rows);
}

}  // namespace

bool import_products(Config const& config, TransferOptions const& options) {
  format_of(options);
  Descriptor const file(options.file, O_RDONLY);
  Desk desk(config);
  products::Import::Counts counts;
  auto const say = [&counts] {
    std::printf("%s imported, %s failed\n", std::to_string(counts.imported).c_str(),
                std::to_string(counts.failed).c_str());
  };
  try {
    run_to_end(desk.loops[0], run_import(desk, options, file, counts));
  } catch (...) {
    say();
    throw;
  }
  say();
  return counts.failed == 0;
}

void export_products(Config const& config, TransferOptions const& options) {
  auto chosen = options;
  if (chosen.file == "-" && chosen.format.empty()) chosen.format = "ndjson";
  format_of(chosen);
  Desk desk(config);
  Descriptor const file(chosen.file, O_WRONLY | O_CREAT | O_TRUNC);
  std::uint64_t rows = 0;
  run_to_end(desk.loops[0], run_export(desk, chosen, file, rows));
  if (chosen.file != "-") std::printf("%s exported\n", std::to_string(rows).c_str());
}

}  // namespace balcao::app::commands

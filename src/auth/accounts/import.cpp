#include "auth/accounts/import.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "auth/accounts/accounts.hpp"
#include "platform/crypto/foreign_password.hpp"
#include "platform/json/describe.hpp"
#include "platform/json/parse.hpp"

namespace balcao::auth {
namespace {

/// A hash that a login can check.
class PasswordHash {
 public:
  static std::expected<PasswordHash, Text> parse(std::string_view text) {
    if (crypto::foreign_password::scheme_of(text)) return PasswordHash(std::string(text));
    return std::unexpected(Text{"It is no password hash that is known here, or one that is too dear to check.",
                                "Não é um hash de senha conhecido aqui, ou é caro demais para conferir."});
  }
  static json::Value schema() { return {{"type", "string"}}; }
  std::string const& str() const { return text_; }

 private:
  explicit PasswordHash(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct Line {
  Username username;
  PasswordHash password_hash;
  std::optional<RoleName> role;
  std::optional<bool> disabled;
  std::optional<Time> created_at;
};
BOOST_DESCRIBE_STRUCT(Line, (), (username, password_hash, role, disabled, created_at))

/// Where a fault is. A member's name is shown only if it looks like one: in a file that is not what it should be, a
/// hash may stand there.
std::string place_of(std::string const& pointer) {
  constexpr std::size_t longest = 32;
  bool const is_a_name =
      pointer.size() <= longest &&
      pointer.find_first_not_of("/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == pointer.npos;
  if (pointer.empty()) return {};
  return (is_a_name ? pointer : "a member") + ": ";
}

std::expected<Line, std::string> parse(std::string_view text) {
  auto const document = json::parse(text);
  if (!document) {
    return std::unexpected("it is not JSON, from byte " + std::to_string(document.error().offset + 1) +
                           " on: " + document.error().reason.en);
  }
  json::Decoder decoder;
  auto line = json::Codec<Line>::decode(*document, json::Path(), decoder);
  if (line) return *std::move(line);
  std::string why;
  for (auto const& fault : decoder.faults())
    why += (why.empty() ? "" : " ") + place_of(fault.pointer) + fault.detail.en;
  return std::unexpected(std::move(why));
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

Task<> Import::run(std::istream& input) {
  constexpr std::uint64_t lines_between_news = 1000;
  std::string line(longest_line + 1, '\0');  // and the NUL that getline adds
  while (input.getline(line.data(), static_cast<std::streamsize>(line.size())) || input.gcount() > 0) {
    ++counts_.lines;
    auto const size = static_cast<std::size_t>(input.gcount());
    if (input.fail()) {
      input.clear();
      input.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
      refuse(counts_.lines, "it is longer than 64 KiB");
    } else {
      take({line.data(), input.eof() ? size : size - 1});
    }
    if (batch_.size() == batch_size) co_await store_batch();
    if (counts_.lines % lines_between_news == 0) observer_.progressed(counts_);
  }
  if (input.bad()) throw std::runtime_error("the input cannot be read");
  if (!batch_.empty()) co_await store_batch();
}

void Import::take(std::string_view text) {
  if (is_blank(text)) return;
  auto line = parse(text);
  if (!line) return refuse(counts_.lines, line.error());
  auto const now = ground_.clock.now();
  if (line->created_at > now) return refuse(counts_.lines, "/created_at: It lies in the future.");

  auto const same = std::ranges::find(batch_, line->username.str(),
                                      [](Item const& item) -> std::string const& { return item.user.user.username; });
  if (same != batch_.end()) {
    return refuse(counts_.lines, "the username '" + line->username.str() + "' is that of line " +
                                     std::to_string(same->line) + " already");
  }
  batch_.push_back({counts_.lines,
                    {{Id<User>::make(now), line->username.str(), line->role ? line->role->role() : Role::user,
                      line->disabled.value_or(false), line->created_at.value_or(now)},
                     line->password_hash.str()}});
}

void Import::refuse(std::uint64_t line, std::string const& why) {
  ++counts_.refused;
  observer_.refused(line, why);
}

void Import::refuse_taken(Item const& item, Id<User> owner) {
  refuse(item.line, "the username '" + item.user.user.username + "' is taken" +
                        (owner > begun_ ? ", since the import began: by an earlier line, or a registration" : ""));
}

/// Asking who has the names before anything is inserted keeps jobs for users who are not from being left; a name that
/// is taken in between leaves one, which does nothing.
Task<> Import::store_batch() {
  auto const items = co_await free_ones(std::exchange(batch_, {}));
  if (!items.empty()) {
    std::vector<Credentials> users;
    std::vector<db::Call> beside;
    for (auto const& item : items) {
      users.push_back(item.user);
      beside.push_back(ground_.jobs.enqueue(customer_job, item.user.user.id.str(), ""));
    }
    beside.push_back(ground_.audit.entry(Event::imported, Actor::command_line(), {},
                                         R"({"users":)" + std::to_string(users.size()) + '}'));
    auto const inserted = co_await ground_.store.insert_users(std::move(users), ground_.clock.now(), std::move(beside));
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (inserted[i]) {
        ++counts_.imported;
      } else {
        refuse_taken(items[i], items[i].user.user.id);
      }
    }
  }
  observer_.progressed(counts_);
}

Task<std::vector<Import::Item>> Import::free_ones(std::vector<Item> items) {
  std::vector<std::string> names;
  for (auto const& item : items) names.push_back(item.user.user.username);
  auto const owners = co_await ground_.store.owners_of(std::move(names));
  std::vector<Item> free;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (owners[i]) {
      refuse_taken(items[i], *owners[i]);
    } else {
      free.push_back(std::move(items[i]));
    }
  }
  co_return free;
}

}  // namespace balcao::auth

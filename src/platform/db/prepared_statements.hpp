#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/db/database.hpp"

namespace balcao::db {

/// The statements that one connection has prepared, by their text. A name in the source has one text, or a few, and
/// they stay. A name whose text is made at run time may have as many as clients can think of: of these the ones used
/// last are kept, as many as fit into `max_bytes_per_name` of text. Not thread-safe.
template <class Prepared>
class PreparedStatements {
 public:
  /// More than the texts that the usual requests make. What an engine keeps for a statement grows with its text: some
  /// 20 bytes for each byte in SQLite, some 100 in PostgreSQL.
  static constexpr std::size_t max_bytes_per_name = std::size_t{128} * 1024;

  /// What is kept for the statement's text, now the one of its name used last; nullptr for none. It stays where it is
  /// until a later `keep`.
  Prepared* find(Statement const& statement) {
    auto const found = by_text_.find(statement.sql);
    if (found == by_text_.end()) return nullptr;
    auto const kept = found->second;
    auto& all = kept->same_name.kept;
    all.splice(all.begin(), all, kept);
    return &kept->prepared;
  }

  /// Keeps what was prepared for the statement's text, which `find` must not know, however long that is. Gives what is
  /// not kept any more.
  std::vector<Prepared> keep(Statement const& statement, Prepared prepared) {
    auto& name = by_name_[std::string(statement.name)];
    auto& [kept, bytes] = name;
    kept.push_front({std::string(statement.sql), std::move(prepared), name});
    by_text_.emplace(kept.front().text, kept.begin());
    bytes += kept.front().text.size();

    std::vector<Prepared> evicted;
    for (; bytes > max_bytes_per_name && kept.size() > 1; kept.pop_back()) {
      bytes -= kept.back().text.size();
      by_text_.erase(kept.back().text);
      evicted.push_back(std::move(kept.back().prepared));
    }
    return evicted;
  }

 private:
  struct Name;
  struct Kept {
    std::string text;
    Prepared prepared;
    Name& same_name;
  };
  struct Name {
    std::list<Kept> kept;  ///< the one used last comes first
    std::size_t bytes = 0;
  };

  std::unordered_map<std::string, Name> by_name_;
  std::unordered_map<std::string_view, typename std::list<Kept>::iterator> by_text_;  ///< of all in by_name_
};

}  // namespace balcao::db

#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "platform/shared/shared_state.hpp"

namespace balcao::shared::memory {

/// Counters with windows, bounded. The kind of a counter is its key up to the second colon ("login:account:"), and each
/// kind has `max_per_kind` counters, so that one cannot push out another's. Beyond that a new one takes the place of
/// the one that has counted least, to a power of two, and among these the oldest: whoever makes names up loses those
/// before anybody's lock. What has expired goes as new ones come. Every step is O(1). For one thread at a time.
class Counters {
 public:
  explicit Counters(std::size_t max_per_kind);

  /// As SharedState::count.
  Count add(std::string_view key, std::int64_t amount, std::chrono::seconds window, Time now);
  /// Of all kinds.
  std::size_t size() const;

 private:
  static constexpr std::size_t digest_bytes = 16;
  using Digest = std::array<char, digest_bytes>;
  using Hook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct ByEnd>>;
  using LevelHook = boost::intrusive::list_base_hook<boost::intrusive::tag<struct ByLevel>>;

  struct Counter : Hook, LevelHook {
    Digest digest;
    std::int64_t value = 0;
    Time window_end{};
  };
  template <class Tag>
  using List =
      boost::intrusive::list<Counter, boost::intrusive::base_hook<Tag>, boost::intrusive::constant_time_size<false>>;

  /// The digest is of a secret of this process's: nobody can choose names that fall together.
  struct PartOfDigest {
    std::size_t operator()(Digest const& digest) const noexcept {
      std::size_t part = 0;
      std::memcpy(&part, digest.data(), sizeof part);
      return part;
    }
  };

  struct Kind {
    std::unordered_map<Digest, Counter, PartOfDigest> counters;
    List<Hook> by_end;  ///< the windows of a kind are equally long: those that began first end first
    std::array<List<LevelHook>, 65> by_level;  ///< by the number of binary digits of the value
  };

  Kind& kind_of(std::string_view key);
  Digest digest_of(std::string_view key) const;
  static std::size_t level_of(Counter const& counter);
  static void remove(Kind& kind, Counter& counter);
  static void make_room(Kind& kind);

  std::size_t const max_per_kind_;
  std::string const secret_;
  std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace balcao::shared::memory

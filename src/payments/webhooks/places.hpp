#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <unordered_map>

#include "payments/model.hpp"

namespace balcao::payments {

/// The attempts that a process has under way at once, shared out so that slow endpoints keep no quick one waiting.
///
/// An endpoint begins with two places and has twice as many after each quick answer, up to eight; one that answered
/// slowly or failed has one. Those that are not known to be quick share half of all places, and of them an owner has
/// eight; the other half is for the quick ones alone. An owner has at most half of what the others leave, so that a few
/// whose endpoints were quick and stall now do not fill them. No I/O; to be used on one loop.
class DeliveryPlaces {
 public:
  static constexpr std::size_t max = 128;
  static constexpr std::size_t max_unproven = 64;
  static constexpr std::size_t max_unproven_of_owner = 8;
  static constexpr std::size_t max_of_endpoint = 8;
  static constexpr std::size_t first_places = 2;
  static constexpr std::chrono::milliseconds quick{2000};

  /// What is known of an endpoint.
  struct Line {
    std::size_t running = 0;
    std::size_t places = first_places;
    bool is_quick = false;
  };

  /// How many attempts may begin now; at most one at a time where the endpoint is `failing`.
  std::size_t free(Id<Owner> owner, Line const& line, bool failing) const;

  struct Place {
    Id<Owner> owner;
    bool is_unproven;
  };
  /// An attempt begins, whether there is a free place or not.
  Place begin(Id<Owner> owner, Line& line);
  /// It has ended after so long.
  void end(Place place, Line& line, bool went_well, std::chrono::steady_clock::duration took);

 private:
  struct Share {
    std::size_t running = 0;
    std::size_t unproven = 0;
  };

  Share all_;
  std::unordered_map<Id<Owner>, Share> owners_;  ///< those that have any
};

}  // namespace balcao::payments

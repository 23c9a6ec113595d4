#include "payments/webhooks/places.hpp"

#include <algorithm>

namespace balcao::payments {
namespace {

std::size_t left(std::size_t most, std::size_t taken) { return most - std::min(most, taken); }

}  // namespace

std::size_t DeliveryPlaces::free(Id<Owner> owner, Line const& line, bool failing) const {
  auto const found = owners_.find(owner);
  auto const share = found == owners_.end() ? Share{} : found->second;
  auto const of_owner = left(max, all_.running - share.running) / 2;
  auto free = std::min({left(failing ? 1 : line.places, line.running), left(of_owner, share.running)});
  if (line.is_quick && !failing) return free;
  return std::min({free, left(max_unproven, all_.unproven), left(max_unproven_of_owner, share.unproven)});
}

DeliveryPlaces::Place DeliveryPlaces::begin(Id<Owner> owner, Line& line) {
  auto& share = owners_[owner];
  Place const place{owner, !line.is_quick};
  for (auto* each : {&all_, &share}) {
    ++each->running;
    if (place.is_unproven) ++each->unproven;
  }
  ++line.running;
  return place;
}

void DeliveryPlaces::end(Place place, Line& line, bool went_well, std::chrono::steady_clock::duration took) {
  auto const share = owners_.find(place.owner);
  for (auto* each : {&all_, &share->second}) {
    --each->running;
    if (place.is_unproven) --each->unproven;
  }
  if (share->second.running == 0) owners_.erase(share);
  --line.running;
  line.is_quick = went_well && took <= quick;
  line.places = line.is_quick ? std::min(line.places * 2, max_of_endpoint) : 1;
}

}  // namespace balcao::payments

#include "sandbox/objects/changes.hpp"

namespace balcao::sandbox::objects {

Object& Changes::create(Object object) { return created_.emplace_back(std::move(object)); }

Object& Changes::change(Object object) { return changed_.emplace_back(std::move(object)); }

Object& Changes::changing(Object const& object) {
  auto const id = object.id();
  for (auto* objects : {&created_, &changed_}) {
    for (auto& known : *objects) {
      if (known.id() == id) return known;
    }
  }
  return change(object);
}

void Changes::tell(std::string type, Object const& object, json::Object previous_attributes) {
  events_.push_back({std::move(type), object.resource, std::move(previous_attributes)});
}

Object const* Changes::find(std::string_view id) const {
  for (auto const* objects : {&created_, &changed_}) {
    for (auto const& object : *objects) {
      if (object.id() == id) return &object;
    }
  }
  return nullptr;
}

Outcome Changes::answer(int status, json::Object const& body) && {
  Outcome outcome{status, json::to_text(body), std::move(calls_), std::move(events_)};
  for (auto const& object : created_) outcome.effects.push_back(Store::insert(object));
  for (auto const& object : changed_) outcome.effects.push_back(Store::update(object));
  return outcome;
}

}  // namespace balcao::sandbox::objects

#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sandbox/objects/store.hpp"
#include "sandbox/transport/operation.hpp"

namespace balcao::sandbox::objects {

/// What an operation does, gathered while it decides: objects that are new or changed, what is told of them, and what
/// is to happen later. Each object is written once, as it is in the end.
class Changes {
 public:
  /// The reference stays good as long as this.
  Object& create(Object object);
  Object& change(Object object);
  /// The same for one that may be new or changed here already.
  Object& changing(Object const& object);

  /// An event about the object as it is now.
  void tell(std::string type, Object const& object, json::Object previous_attributes = {});
  /// A statement for the same batch.
  void also(db::Call call) { calls_.push_back(std::move(call)); }

  /// One that is new or changed here; nullptr if there is none.
  Object const* find(std::string_view id) const;

  Outcome answer(int status, json::Object const& body) &&;

 private:
  std::deque<Object> created_;
  std::deque<Object> changed_;
  std::vector<NewEvent> events_;
  std::vector<db::Call> calls_;
};

}  // namespace balcao::sandbox::objects

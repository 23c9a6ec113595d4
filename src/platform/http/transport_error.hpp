#pragma once

#include <stdexcept>
#include <string>

namespace balcao::http {

/// No response came. `executed` says whether the server can have acted on the request.
class TransportError : public std::runtime_error {
 public:
  enum class Executed { no, unknown };
  TransportError(std::string const& what, Executed executed) : std::runtime_error(what), executed_(executed) {}
  Executed executed() const { return executed_; }

 private:
  Executed executed_;
};

}  // namespace balcao::http

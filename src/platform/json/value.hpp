#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace balcao::json {

/// A JSON document in memory. Members keep the order in which they came.
using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

}  // namespace balcao::json

#pragma once

// BOOST_DESCRIBE_STRUCT names a struct's members for the codecs of platform/json/codec.hpp. For .cpp files: a request
// or a response is described where it is used, next to the struct, in the struct's own namespace.
#include <boost/describe/class.hpp>

#include "platform/json/codec.hpp"
